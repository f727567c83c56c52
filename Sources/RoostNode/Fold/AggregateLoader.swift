package import RoostCore
package import RoostJSON
package import RoostLog

/// What the events of one stream make of its aggregate, its Swift types hidden.
package protocol StreamFold {
    /// Of the newest event that was folded.
    var version: StreamVersion { get }
    /// Takes in the next event. Throws for one that the application does not know or cannot read.
    mutating func apply(_ event: RecordedEvent) throws
    /// Brings the fold up to the log: every event of the stream, or those after the snapshot if it can be used.
    mutating func load(from reader: any PartitionReader, startingAt snapshot: Snapshot?) throws
    /// The state after the events so far.
    func document() throws -> JSONValue
    /// What was folded, to be kept; nil before the first event.
    func snapshot(foldedAs identity: FoldIdentity, at now: Timestamp) throws -> Snapshot?
}

/// The fold of one type of aggregate, and what the stream's owner must know besides.
struct AggregateLoader<A: Aggregate>: StreamFold {
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

    mutating func apply(_ event: RecordedEvent) throws {
        A.evolve(&state, try vocabulary.event(event, decoder))
        version = event.version
        last = event.eventID
        _ = commands.insert(StableHash.folded(event.commandID.description))
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

    func document() throws -> JSONValue { try JSONValue(encoding: state) }

    func snapshot(foldedAs identity: FoldIdentity, at now: Timestamp) throws -> Snapshot? {
        guard let last else { return nil }
        return Snapshot(
            stream: stream, version: version, eventID: last, fold: identity,
            state: try JSONPayloadEncoder().bytes(state), commands: commands.all, madeAt: now)
    }
}

extension Vocabulary {
    /// A stored event as the aggregate knows it.
    func event(_ stored: RecordedEvent, _ decoder: any PayloadDecoder) throws -> A.Event {
        guard let kind = events[stored.type] else {
            throw EventLogError(
                .invalid,
                "stream \(stored.stream) holds an event of unknown type '\(stored.type)' at version "
                    + "\(stored.version); run the version of the application that knows it")
        }
        return try stored.payload.withUnsafeBytes { try kind.decode(decoder, $0) }
    }
}
