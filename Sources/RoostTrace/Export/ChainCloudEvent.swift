import RoostCore
import RoostJSON

/// One event of a chain in the JSON format of CloudEvents 1.0. With its data where the trace has it.
package struct ChainCloudEvent: Encodable, Sendable {
    private let specversion = "1.0"
    private let id: String
    private let source: String
    private let type: String
    private let subject: String
    private let time: Timestamp
    private let datacontenttype: String?
    private let correlationid: CorrelationID
    private let causationid: EventID?
    private let commandid: String
    private let traceparent: String?
    private let process: String?
    private let issuedby: String?
    private let depth: UInt16
    private let partition: PartitionID
    /// The position, with as many digits as it can have, so that it sorts as text: the extension `sequence`.
    private let sequence: String
    /// A text, because CloudEvents has no number of 64 bits.
    private let streamversion: String
    private let occurredtime: Timestamp
    private let data: JSONValue?

    private static let sequenceDigits = 20

    package init(_ event: TraceEvent, cluster: String) {
        let position = event.position.description
        id = event.eventID.description
        source = "/roost/\(cluster)"
        type = event.type
        subject = event.stream
        time = event.recordedAt
        datacontenttype = event.data == nil ? nil : "application/json"
        correlationid = event.correlationID
        causationid = event.causationID
        commandid = event.commandID
        traceparent = event.traceparent
        process = event.process
        issuedby = event.issuedBy
        depth = event.depth
        partition = event.partition
        sequence = String(repeating: "0", count: Self.sequenceDigits - position.count) + position
        streamversion = event.version.description
        occurredtime = event.occurredAt
        data = event.data
    }
}
