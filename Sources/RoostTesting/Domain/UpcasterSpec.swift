public import RoostCore
import RoostJSON
import RoostNode

/// Checks that events of every shape that was ever stored can still be read: given what the log holds, then these events.
///
///     try UpcasterSpec<Order>().given("OrderPlaced", version: 1, #"{"order":"order/1",…}"#)
///         .then(.placed(…), .paid(…))
///
/// Keep the stored texts for ever, one for every kind: they are what old logs hold. What does not hold is thrown.
public struct UpcasterSpec<Subject: Aggregate & SendableMetatype> {
    /// Of one aggregate.
    public init(_ type: Subject.Type = Subject.self) {}

    /// A payload as it is stored.
    public func given(_ type: String, version: UInt32, _ payload: String) -> Reading {
        Reading(kind: EventKind(type, version), payload: payload)
    }

    /// Every kind that a log may hold: what is declared today, and what upcasters read.
    public var kinds: [EventKind] {
        get throws { try upcasters().kinds }
    }

    private func upcasters() throws -> UpcasterChain {
        try UpcasterChain(Domain(name: Subject.category, aggregates: [Subject.self]))
    }

    /// How one stored payload is read.
    public struct Reading {
        let kind: EventKind
        let payload: String

        /// What the aggregate sees of it.
        public var events: [Subject.Event] {
            get throws {
                let upcasters = try UpcasterSpec<Subject>().upcasters()
                let events = PayloadCodec.json(upcasters).makeEventDecoder()
                var read: [Subject.Event] = []
                try Vocabulary<Subject>().forEach(try stored(), events) { read.append($0) }
                return read
            }
        }

        /// Exactly these events, in this order.
        public func then(_ expected: Subject.Event...) throws where Subject.Event: Equatable {
            let events = try events
            guard events == expected else { throw SpecFailure("expected \(expected), read \(events)") }
        }

        private func stored() throws -> RecordedEvent {
            let context = CommandContext(
                stream: try StreamName("\(Subject.category)/1"), commandID: try CommandID("stored"), fingerprint: 0,
                correlationID: CorrelationID(bits: 1))
            var writer = EventWriter(capacity: 1024)
            let offset = writer.append(
                context,
                NewEvent(
                    eventID: EventID(bits: 1), type: kind.type, schemaVersion: kind.schemaVersion,
                    payload: Bytes(Array(payload.utf8)), occurred: Timestamp(seconds: 0)))
            writer.place(
                at: offset, position: Position(1), version: StreamVersion(1), recorded: Timestamp(seconds: 0),
                epoch: Epoch(1))
            return try EventPage(parsing: writer.finish())[0]
        }
    }
}
