package import RoostCore
package import RoostTrace

/// One message of a process to whoever collects spans: a single frame, a JSON document `roost.spans/1`.
///
/// Sent over PUSH to the PULL socket of the process `traces`. Reports of one run of a process are numbered from 1, so a
/// lost one is noticed; `dropped` counts what this run could not report so far.
package struct SpanReport: Codable, Sendable {
    package static let schema = "roost.spans/1"
    /// A larger message is refused.
    package static let bytesMax = 1 << 20

    package var schema = Self.schema
    package let logID: LogID
    package let process: String
    package let incarnation: Incarnation
    package let number: UInt64
    package let dropped: UInt64
    package let spans: [HandlingSpan]
    package let rejected: [RejectedCommand]

    package init(
        logID: LogID, process: String, incarnation: Incarnation, number: UInt64, dropped: UInt64,
        spans: [HandlingSpan], rejected: [RejectedCommand]
    ) {
        self.logID = logID
        self.process = process
        self.incarnation = incarnation
        self.number = number
        self.dropped = dropped
        self.spans = spans
        self.rejected = rejected
    }
}
