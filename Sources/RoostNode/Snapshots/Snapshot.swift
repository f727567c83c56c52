import Crypto
package import RoostCore
import RoostJSON

/// The committed state of one stream at a version, so that loading it need not fold every event.
///
/// Only a hint: whoever loads one makes sure that the log has the event it ends with, and folds from the first event
/// when anything about it is wrong.
package struct Snapshot: Hashable, Sendable {
    package let stream: StreamName
    package let version: StreamVersion
    /// The event of that version.
    package let eventID: EventID
    /// Which code folded it.
    package let fold: FoldIdentity
    /// As JSON.
    package let state: [UInt8]
    /// The hashes of all commands that stored events in the stream up to the version, ascending.
    package let commands: [UInt64]
    package let madeAt: Timestamp

    package init(
        stream: StreamName, version: StreamVersion, eventID: EventID, fold: FoldIdentity, state: [UInt8],
        commands: [UInt64], madeAt: Timestamp
    ) {
        self.stream = stream
        self.version = version
        self.eventID = eventID
        self.fold = fold
        self.state = state
        self.commands = commands
        self.madeAt = madeAt
    }
}

/// Tells one way of folding from another: the revision that the aggregate declares, and what it makes of its samples.
package struct FoldIdentity: Hashable, Sendable {
    package let revision: Int
    /// SHA-256 over the states after each sample: 32 bytes.
    package let digest: [UInt8]

    package init(revision: Int, digest: [UInt8]) {
        self.revision = revision
        self.digest = digest
    }

    /// nil when the samples do not show every kind of event, for then a changed fold could go unnoticed; and when a state
    /// cannot be encoded.
    package init?<A: Aggregate>(of type: A.Type) {
        guard Self.kindsWithoutSample(A.self).isEmpty else { return nil }
        do {
            self.init(revision: A.foldRevision, digest: try Self.digest(A.self))
        } catch {
            return nil
        }
    }

    /// The types of events that no sample shows.
    package static func kindsWithoutSample<A: Aggregate>(_ type: A.Type) -> [String] {
        let shown = Set(A.samples.map { Swift.type(of: $0.payload).type })
        return A.Event.kinds.map(\.name).filter { !shown.contains($0) }
    }

    private static func digest<A: Aggregate>(_ type: A.Type) throws -> [UInt8] {
        let encoder = JSONPayloadEncoder()
        var state = A.initial(id: "sample")
        var hash = SHA256()
        hash.update(data: Array(A.category.utf8))
        for kind in A.Event.kinds { hash.update(data: Array("\(kind.name) \(kind.schemaVersion);".utf8)) }
        for step in A.Event.upcasters { hash.update(data: Array("\(step.stored) \(step.becomes);".utf8)) }
        hash.update(data: try encoder.bytes(state))
        for sample in A.samples {
            A.evolve(&state, sample)
            hash.update(data: try encoder.bytes(state))
        }
        return Array(hash.finalize())
    }
}
