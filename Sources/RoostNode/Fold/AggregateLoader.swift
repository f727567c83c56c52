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
    private let events: EventDecoder
    private var last: EventID?
    private(set) var state: A.State
    private(set) var version = StreamVersion.none
    private(set) var commands = CommandMemory()

    init(_ stream: StreamName, _ vocabulary: Vocabulary<A>, _ events: EventDecoder) {
        self.stream = stream
        self.vocabulary = vocabulary
        self.events = events
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
        try vocabulary.forEach(event, events) { A.evolve(&state, $0) }
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
            return try state.withUnsafeBytes { try events.payloads.decode(A.State.self, from: $0) }
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
    /// What a stored event is to the aggregate: itself, or the parts that an upcaster makes of it.
    package func forEach(_ stored: RecordedEvent, _ decoder: EventDecoder, _ body: (A.Event) -> Void) throws {
        let stored = try decoder.opened(stored)
        if let kind = events[stored.type], kind.schemaVersion == stored.schemaVersion {
            return body(try stored.payload.withUnsafeBytes { try kind.decode(decoder.payloads, $0) })
        }
        for part in try decoder.parts(of: stored) {
            guard let kind = events[part.type], kind.schemaVersion == part.schemaVersion else {
                throw SchemaError(
                    "stream \(stored.stream) holds \(stored.kind) at version \(stored.version), which '\(A.category)' "
                        + "does not declare; run the version of the application that knows it")
            }
            body(try part.payload.withUnsafeBytes { try kind.decode(decoder.payloads, $0) })
        }
    }
}
