package import RoostCore
package import RoostJSON

/// One public event as it is published: CloudEvents 1.0 in its JSON format.
package struct CloudEvent: Sendable {
    /// Digits of `sequence`: a number of 64 bits, so that texts sort as numbers do.
    private static let sequenceDigits = 20

    package let json: JSONValue

    /// `index` tells the public events of one internal event apart.
    init(
        _ payload: some PublicEvent, number: UInt64, index: Int, of event: RecordedEvent, feed: any PublicFeed.Type
    ) throws {
        let digits = String(number)
        var members = JSONObject()
        members["specversion"] = "1.0"
        members["id"] = .string("\(event.eventID).\(event.part).\(feed.name).\(index)")
        members["source"] = .string(feed.source)
        members["type"] = .string(Swift.type(of: payload).type)
        members["subject"] = .string(payload.subject)
        members["time"] = .string(event.occurred.description)
        members["datacontenttype"] = "application/json"
        members["dataschema"] = .string(Self.schema(of: Swift.type(of: payload)))
        members["correlationid"] = .string(event.correlationID.description)
        members["causationid"] = .string(event.eventID.description)
        members["recordedtime"] = .string(event.recorded.description)
        members["partitionkey"] = .string(payload.subject)
        members["sequence"] = .string(String(repeating: "0", count: Self.sequenceDigits - digits.count) + digits)
        if let traceparent = event.traceparent { members["traceparent"] = .string(traceparent) }
        members["data"] = try JSONValue(encoding: payload)
        json = .object(members)
    }

    /// As in `OrderConfirmed.v1.schema.json`: the file that `roost schema export` writes.
    package static func schema(of type: any PublicEvent.Type) -> String { "\(type.type).v\(type.version).schema.json" }
}

extension CloudEvent {
    /// A believable one around the sample of an event, for documentation.
    package static func sample(of type: any PublicEvent.Type, _ feed: any PublicFeed.Type) throws -> JSONValue {
        let time = Timestamp(seconds: 1_291_191_960)
        let context = CommandContext(
            stream: try StreamName("sample/1"), commandID: try CommandID("sample"), fingerprint: 0,
            correlationID: CorrelationID(bits: 1 << 120 | 0x7000_8000))
        var writer = EventWriter(capacity: 256)
        let offset = writer.append(
            context,
            NewEvent(
                eventID: EventID(bits: 1 << 120 | 0x7000_8001), type: "Sample", payload: Bytes([]), occurred: time))
        writer.place(
            at: offset, position: Position(1), version: StreamVersion(1), recorded: time, epoch: Epoch(1))
        let event = RecordedEvent(checked: writer.finish(), offset: offset)
        return try CloudEvent(type.sample, number: 1, index: 0, of: event, feed: feed).json
    }
}
