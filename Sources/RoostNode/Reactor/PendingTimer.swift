package import RoostCore

/// A command that a reactor has put off.
package struct PendingTimer: Sendable {
    package let name: String
    package let due: Timestamp
    /// Of the event that set it.
    package let source: PartitionID
    /// Complete but for its deadline.
    package let request: CommandRequest

    package init(name: String, due: Timestamp, source: PartitionID, request: CommandRequest) {
        self.name = name
        self.due = due
        self.source = source
        self.request = request
    }

    /// A whole row of the table `timers`.
    package init(row: [SQLValue]) throws {
        let texts = row.map { $0.text ?? "" }
        let numbers = row.map { $0.integer ?? 0 }
        self.init(
            name: texts[1], due: Timestamp(nanoseconds: numbers[2]), source: PartitionID(UInt32(clamping: numbers[4])),
            request: CommandRequest(
                partition: PartitionID(UInt32(clamping: numbers[3])), deadline: Timestamp(nanoseconds: 0),
                stream: try StreamName(texts[0]), command: texts[6], commandID: try CommandID(texts[5]),
                correlationID: CorrelationID(texts[8]), causationID: EventID(texts[9]),
                depth: UInt16(clamping: numbers[10]), traceparent: row[11].text, payload: Bytes(row[7].bytes ?? [])))
    }
}

/// What an event does to the pending timers.
enum TimerChange: Sendable {
    /// Replaces the pending one of the same stream and name.
    case set(PendingTimer)
    case cancel(stream: StreamName, name: String)
}
