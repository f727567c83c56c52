package import RoostCore
import RoostJSON
package import RoostLog

/// Brings one stream up to the log, its Swift types hidden.
package protocol StreamLoader {
    /// Of the newest event that was folded.
    var version: StreamVersion { get }
    /// Folds every event of the stream, or those after the snapshot if it can be used.
    mutating func load(from reader: any PartitionReader, startingAt snapshot: Snapshot?) throws
    /// What was loaded, to be kept; nil for a stream without events.
    func snapshot(foldedAs fold: FoldIdentity, at now: Timestamp) throws -> Snapshot?
}

/// The state of one stream and what its owner must know besides.
struct AggregateLoader<A: Aggregate>: StreamLoader {
    private let stream: StreamName
    private let vocabulary: Vocabulary<A>
    private let decoder: any PayloadDecoder
    private var last: EventID?
    private(set) var state: A.State
    private(set) var version = StreamVersion.none
    private(set) var commands = CommandMemory()

    init(_ stream: StreamName, _ vocabulary: Vocabulary<A>, _ decoder: any PayloadDecoder) {
        self.stream = stream
        self.vocabulary = vocabulary
        self.decoder = decoder
        state = A.initial(id: stream.id)
    }

    mutating func load(from reader: any PartitionReader, startingAt snapshot: Snapshot?) throws {
        var page = EventPage.empty
        if let snapshot { page = try resume(at: snapshot, reader) }
        repeat {
            for event in page where event.version > version { try apply(event) }
            page = try reader.events(of: stream, from: version.next, limit: 1000)
        } while !page.isEmpty
    }

    /// The events from the snapshot's own on; none when it is not of this log, or cannot be read.
    private mutating func resume(at snapshot: Snapshot, _ reader: any PartitionReader) throws -> EventPage {
        let page = try reader.events(of: stream, from: snapshot.version, limit: 1000)
        guard let first = page.first, first.version == snapshot.version, first.eventID == snapshot.eventID,
            let kept = decoded(snapshot.state)
        else { return .empty }
        state = kept
        version = snapshot.version
        last = snapshot.eventID
        commands = CommandMemory(old: snapshot.commands)
        return page
    }

    private func decoded(_ state: [UInt8]) -> A.State? {
        do {
            return try state.withUnsafeBytes { try decoder.decode(A.State.self, from: $0) }
        } catch {
            return nil
        }
    }

    private mutating func apply(_ event: RecordedEvent) throws {
        A.evolve(&state, try vocabulary.event(event, decoder))
        version = event.version
        last = event.eventID
        _ = commands.insert(StableHash.folded(event.commandID.description))
    }

    func snapshot(foldedAs fold: FoldIdentity, at now: Timestamp) throws -> Snapshot? {
        guard let last else { return nil }
        return Snapshot(
            stream: stream, version: version, eventID: last, fold: fold,
            state: try JSONValue(encoding: state).bytes, commands: commands.all, madeAt: now)
    }
}
