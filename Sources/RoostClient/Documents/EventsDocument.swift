package import RoostCore
package import RoostJSON
package import RoostTrace

/// Events with their data. Document `roost.events/1`.
package struct EventsDocument: Encodable, Sendable {
    package static let schema = "roost.events/1"

    package let schema: String
    package let events: [EventDocument]
    /// Partitions whose events are missing here.
    package let unreadable: [UnreadablePartition]

    package init(_ events: [ClusterClient.Located], unreadable: [UnreadablePartition] = []) throws {
        schema = Self.schema
        self.unreadable = unreadable
        self.events = try events.map { try EventDocument($0) }
    }
}

/// One event as documents show it. Document `roost.event/1` when it stands alone in a stream of lines.
package struct EventDocument: Encodable, Sendable {
    package let schema: String
    package let eventID: EventID
    package let type: String
    package let schemaVersion: UInt32
    package let stream: String
    package let version: StreamVersion
    package let partition: PartitionID
    package let position: Position
    package let epoch: Epoch
    package let correlationID: CorrelationID
    @Explicit package private(set) var causationID: EventID?
    package let commandID: String
    package let depth: UInt16
    package let recordedAt: Timestamp
    package let occurredAt: Timestamp
    @Explicit package private(set) var traceparent: String?
    @Explicit package private(set) var subject: String?
    package let data: JSONValue

    package init(_ located: ClusterClient.Located) throws {
        let event = located.event
        schema = "roost.event/1"
        eventID = event.eventID
        type = event.type
        schemaVersion = event.schemaVersion
        stream = event.stream.description
        version = event.version
        partition = located.partition
        position = event.position
        epoch = event.epoch
        correlationID = event.correlationID
        _causationID = Explicit(wrappedValue: event.causationID)
        commandID = event.commandID.description
        depth = event.depth
        recordedAt = event.recorded
        occurredAt = event.occurred
        _traceparent = Explicit(wrappedValue: event.traceparent)
        _subject = Explicit(wrappedValue: event.subject)
        data = try Self.data(of: event)
    }

    static func data(of event: RecordedEvent) throws -> JSONValue {
        try DocumentText.parse(JSONValue.self, event.payload.array, what: "the data of event \(event.eventID)")
    }
}
