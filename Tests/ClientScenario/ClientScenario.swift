import Foundation
package import RoostClient
package import RoostCore
package import RoostLog
package import RoostNode

/// A client on a log in memory, with a small domain and a directory of its own.
package struct ClientScenario: Sendable {
    package let log: MemoryLog
    package let sender: ScriptedSender
    package let client: ClusterClient
    package let directory: String

    package static let placement = Placement(groups: [
        .init(name: "notes", categories: ["note"], firstPartition: PartitionID(0), partitionCount: 2),
        .init(name: "tags", categories: ["tag"], firstPartition: PartitionID(2), partitionCount: 1),
    ])

    package static let domain = Domain(
        name: "notes", aggregates: [Note.self], reactors: [], projections: [NoteTitles.self])

    package init(_ script: [CommandOutcome] = []) throws {
        log = MemoryLog(identity: LogIdentity(id: LogID(bits: 1), placement: Self.placement))
        sender = ScriptedSender(script)
        directory = NSTemporaryDirectory() + "roost-client-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        client = try Self.client(of: log, sender, directory)
    }

    /// The same client on another log.
    package func client(of log: any EventLog) throws -> ClusterClient { try Self.client(of: log, sender, directory) }

    private static func client(
        of log: any EventLog, _ sender: ScriptedSender, _ directory: String
    ) throws -> ClusterClient {
        try ClusterClient(
            name: "test", domain: domain, log: log,
            databases: ReaderDatabases(
                projections: directory + "/projections", reactors: directory + "/reactors",
                snapshots: directory + "/snapshots", feeds: directory + "/feeds"),
            sender: sender, now: { Timestamp(seconds: 1_700_000_000) }, resting: { [:] })
    }

    /// The code of the error that `body` ends with; nil when it succeeds.
    package static func code(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch {
            return (error as? ClientError)?.code
        }
    }

    package static func code(_ body: () async throws -> Void) async -> String? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? ClientError)?.code
        }
    }

    package func remove() throws { try FileManager.default.removeItem(atPath: directory) }

    /// Appends one event to a stream and returns its ID.
    @discardableResult
    package func record(
        _ id: UInt128, _ type: String = "NoteWritten", in stream: String, correlation: UInt128 = 42,
        cause: UInt128? = nil, data: String = #"{"title":"milk"}"#, at seconds: Int64 = 1, occurred: Int64? = nil,
        traceparent: String? = nil
    ) async throws -> EventID {
        let context = CommandContext(
            stream: try StreamName(stream), commandID: try CommandID("c\(id)"), fingerprint: 1,
            correlationID: CorrelationID(bits: correlation), causationID: cause.map { EventID(bits: $0) },
            depth: cause == nil ? 0 : 1, traceparent: traceparent)
        let event = NewEvent(
            eventID: EventID(bits: id), type: type, payload: Bytes(data),
            occurred: Timestamp(seconds: occurred ?? seconds))
        try await append(event, context, at: Timestamp(seconds: seconds))
        return event.eventID
    }

    /// Appends one event of a kind that need not be declared, the first of a chain of its own.
    package func record(_ id: UInt128, of kind: EventKind, in stream: String, at seconds: Int64) async throws {
        let context = CommandContext(
            stream: try StreamName(stream), commandID: try CommandID("c\(id)"), fingerprint: 1,
            correlationID: CorrelationID(bits: id))
        let event = NewEvent(
            eventID: EventID(bits: id), type: kind.type, schemaVersion: kind.schemaVersion, payload: Bytes("{}"),
            occurred: Timestamp(seconds: seconds))
        try await append(event, context, at: Timestamp(seconds: seconds))
    }

    private func append(_ event: NewEvent, _ context: CommandContext, at time: Timestamp) async throws {
        guard let partition = Self.placement.partition(of: context.stream) else { throw InvalidName("no partition") }
        let claim = Claim(
            process: "notes-\(partition)", incarnation: Incarnation(bits: event.eventID.bits), commandEndpoint: "",
            publishEndpoint: "", claimedAt: time)
        let writer = try await log.claim(partition, claim)
        _ = try await writer.append([Proposal(context, expected: .any, events: [event])], at: time)
        await writer.close()
    }

    /// Brings the projection's database to the head of the log, as its own process would.
    package func project(through last: Position? = nil) throws {
        let files = ProjectionFiles(directory: "\(directory)/projections/\(NoteTitles.name)")
        try files.prepare()
        let store = try ProjectionStore(
            NoteTitles.self, path: try files.currentPath(), logID: log.identity.id, codec: .json)
        for partition in Self.placement.partitions {
            let events = try log.reader(partition).events(after: store.progress(partition).position, limit: 1000)
            try store.transaction {
                try store.apply(events.filter { $0.position <= last ?? $0.position }, of: partition)
            }
        }
        try store.close()
    }
}
