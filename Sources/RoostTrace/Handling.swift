package import RoostCore

/// What one process did about one event, as it was observed.
package struct Handling: Codable, Hashable, Sendable {
    package let process: String
    package let work: HandlingSpan.Work
    package let startedAt: Timestamp
    /// When it was durable, applied, or all follow-up commands had ended.
    package let endedAt: Timestamp
    /// Nanoseconds that a writer's first command had waited when the commit began.
    package let queued: Int64
    package let isFromLog: Bool
    package let retries: Int

    package init(
        process: String, work: HandlingSpan.Work, startedAt: Timestamp, endedAt: Timestamp, queued: Int64,
        isFromLog: Bool, retries: Int
    ) {
        self.process = process
        self.work = work
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.queued = queued
        self.isFromLog = isFromLog
        self.retries = retries
    }
}

/// What is known to be missing among observations.
package struct ObservationGaps: Codable, Hashable, Sendable {
    /// Reports that were sent and never arrived.
    package let lostReports: UInt64
    /// Entries that processes could not report.
    package let dropped: UInt64
    /// Entries that were too old to be kept.
    package let removed: UInt64

    package init(lostReports: UInt64, dropped: UInt64, removed: UInt64) {
        self.lostReports = lostReports
        self.dropped = dropped
        self.removed = removed
    }
}
