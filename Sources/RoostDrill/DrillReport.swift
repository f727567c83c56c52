package import RoostCore
package import RoostTrace

/// Everything about one run of a drill. Document `roost.drill/1`, the authority for every other form of the report.
package struct DrillReport: Codable, Sendable {
    package static let schema = "roost.drill/1"

    /// One thing that the method did.
    package struct Step: Codable, Sendable {
        /// Seconds since the method began, as planned and as it was.
        package let planned: Double
        package let started: Double
        package let seconds: Double
        package let words: String
        package let commands: [String]
        package let exit: Int32
        /// The end of what it printed.
        package let output: String
        /// Seconds until every process was ready again; null when none stopped being ready.
        @Explicit package var readyAfter: Double?
    }

    /// What became of the commands that were sent.
    package struct Load: Codable, Sendable, Equatable {
        package var sent = 0
        package var accepted = 0
        package var rejected = 0
        package var unsettled = 0
        package var retries = 0
        /// Commands that stored events, counted once, without those that a restore took back on purpose.
        package var acknowledged = 0
        package var takenBack = 0
        package init() {}
    }

    /// How a reader got the events, in events; as the processes last said before they ended.
    package struct Delivery: Codable, Sendable {
        package let reader: String
        /// By all writers, since the method began.
        package let published: Int64
        /// Over the bus.
        package let received: Int64
        /// From the log.
        package let reread: Int64
        /// Published and not received: every one of them was read from the log.
        package let lost: Int64

        package init(reader: String, published: Int64, received: Int64, reread: Int64) {
            self.reader = reader
            self.published = published
            self.received = received
            self.reread = reread
            lost = max(0, published - received)
        }
    }

    /// Law 5 of one reader over all partitions: appended = applied + filtered + parked + discarded + pending.
    package struct Balance: Codable, Sendable {
        package let reader: String
        package let kind: String
        package let appended: UInt64
        package let applied: UInt64
        package let filtered: UInt64
        package let parked: UInt64
        package let discarded: UInt64
        package let pending: UInt64
        /// It holds in every partition.
        package let balanced: Bool
    }

    /// Writers whose partitions went to others.
    package struct FormerOwners: Codable, Sendable, Equatable {
        /// Their appends that were refused, since the method began.
        package let refused: Int64
        /// Events of theirs that are in the log after those of a later owner: always 0, unless the log is wrong.
        package let accepted: Int
    }

    /// A reader that asked all projections all the time.
    package struct Queries: Codable, Sendable, Equatable {
        package var asked = 0
        package var failed = 0
        package init() {}
    }

    /// One look at the cluster.
    package struct Sample: Codable, Sendable, Equatable {
        /// Seconds since the method began.
        package let at: Double
        package let ready: Bool
        package let notReady: [String]
        package let restarts: Int
        /// Events in the log.
        package let events: UInt64
        /// Events that a reader is behind.
        package let lag: [String: UInt64]
    }

    /// Something that happened at a moment.
    package struct Mark: Codable, Sendable, Equatable {
        package enum Kind: String, Codable, Sendable { case step, restart, epoch, phase }
        package let at: Double
        package let kind: Kind
        package let text: String
    }

    package let schema: String
    package let drill: String
    package let title: String
    package let file: String
    package let topology: String
    package let seed: UInt64
    package let mode: String
    package let startedAt: Timestamp
    package let seconds: Double
    package let verdict: DrillVerdict
    /// Seconds from the end of the method until all were ready, and until all had caught up; null when they were not.
    @Explicit package var readyAfter: Double?
    @Explicit package var caughtUpAfter: Double?
    package let steps: [Step]
    package let load: Load
    @Explicit package var queries: Queries?
    /// null when the log was not looked at.
    @Explicit package var formerOwners: FormerOwners?
    package let delivery: [Delivery]
    package let balance: [Balance]
    /// What each process counted since the method began, over all its runs.
    package let counters: [String: [String: Int64]]
    package let samples: [Sample]
    package let marks: [Mark]
    /// Where the cluster still is; null when nothing is left.
    @Explicit package var kept: String?
}

extension DrillReport {
    /// `published / received / re-read from log / lost`, over all readers.
    package var deliveryTotal: Delivery {
        Delivery(
            reader: "all", published: delivery.reduce(0) { $0 + $1.published },
            received: delivery.reduce(0) { $0 + $1.received }, reread: delivery.reduce(0) { $0 + $1.reread })
    }
}
