package import RoostCore

/// One stretch of a process's work on neighbouring events of a partition, by that process's clock.
///
/// An observation, not a part of the log: it tells how long something took and is missing where nobody watched.
package struct HandlingSpan: Codable, Hashable, Sendable {
    package enum Work: String, Codable, Sendable {
        /// A writer made the events durable in one commit.
        case store
        /// A projection or feed applied the events in one transaction.
        case apply
        /// A reactor handled the events and all their follow-up commands ended.
        case react
    }

    package let work: Work
    package let partition: PartitionID
    package let first: Position
    package let last: Position
    package let start: Timestamp
    package let end: Timestamp
    /// Nanoseconds that a writer's first command had waited when the commit began; 0 for all other work.
    package let queued: Int64
    /// A reader found the events in the log: it was behind, or the bus had lost them.
    package let isFromLog: Bool
    /// How often follow-up commands were sent again.
    package let retries: Int

    package init(
        _ work: Work, _ partition: PartitionID, _ first: Position, _ last: Position, start: Timestamp, end: Timestamp,
        queued: Int64 = 0, isFromLog: Bool = false, retries: Int = 0
    ) {
        self.work = work
        self.partition = partition
        self.first = first
        self.last = last
        self.start = start
        self.end = end
        self.queued = queued
        self.isFromLog = isFromLog
        self.retries = retries
    }
}

/// A command that stored nothing because it was refused, as the writer that refused it saw it. Without its data.
package struct RejectedCommand: Codable, Hashable, Sendable {
    package let at: Timestamp
    package let partition: PartitionID
    package let stream: String
    package let command: String
    package let commandID: String
    @Explicit package private(set) var correlationID: CorrelationID?
    @Explicit package private(set) var causationID: EventID?
    package let code: String
    package var reason: String

    package init(
        at: Timestamp, partition: PartitionID, stream: String, command: String, commandID: String,
        correlationID: CorrelationID?, causationID: EventID?, code: String, reason: String
    ) {
        self.at = at
        self.partition = partition
        self.stream = stream
        self.command = command
        self.commandID = commandID
        _correlationID = Explicit(wrappedValue: correlationID)
        _causationID = Explicit(wrappedValue: causationID)
        self.code = code
        self.reason = reason
    }
}
