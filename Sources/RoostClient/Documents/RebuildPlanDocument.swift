package import RoostCore
import RoostNode
package import RoostTrace

/// What a rebuild would do and about how long it would take. Document `roost.rebuild-plan/1`.
package struct RebuildPlanDocument: Codable, Sendable {
    package struct Kind: Codable, Sendable {
        package let type: String
        package let events: UInt64
        /// The projection has a handler for it; all others it passes.
        package let handled: Bool
    }

    /// Stored events that no handler could be given.
    package struct Obstacle: Codable, Sendable {
        package let kind: String
        package let events: UInt64
        package let reason: String
    }

    package static let schema = "roost.rebuild-plan/1"

    package let schema: String
    package let plannedAt: Timestamp
    package let projection: String
    package let events: UInt64
    /// Those of them that are in the base it would begin with; null where it would begin with the first event.
    @Explicit package private(set) var base: UInt64?
    package let handled: UInt64
    /// The most frequent first.
    package let kinds: [Kind]
    package let obstacles: [Obstacle]
    /// Rows of the live projection.
    package let rows: UInt64
    /// Bytes of the live projection: a rebuild needs about as many besides, until it is swapped or made again.
    package let bytes: UInt64
    /// Events that were applied in memory to find out how fast that is, besides those that were passed by.
    package let sampled: UInt64
    /// As the sample predicts.
    package let seconds: Double
    /// As the slowest part of the sample predicts, with as much again for the disk.
    package let secondsAtMost: Double
    /// Bytes of memory that the process of the rebuild takes, about.
    package let memory: UInt64
    /// The kept rows that a rebuild could begin with, fewest events first.
    package let bases: [Base]

    package struct Base: Codable, Sendable {
        package let directory: String
        /// null where it cannot be read.
        @Explicit package private(set) var events: UInt64?
        @Explicit package private(set) var bytes: UInt64?
        @Explicit package private(set) var issuedAt: Timestamp?
        /// Why a rebuild would not begin with it; null where it would.
        @Explicit package private(set) var problem: String?

        init(_ base: ProjectionBase, problem: String?) {
            directory = base.directory
            _events = Explicit(wrappedValue: base.events)
            _bytes = Explicit(wrappedValue: base.bytes)
            _issuedAt = Explicit(wrappedValue: base.certificate.issuedAt)
            _problem = Explicit(wrappedValue: problem)
        }

        init(unreadable directory: String) {
            self.directory = directory
            _events = Explicit(wrappedValue: nil)
            _bytes = Explicit(wrappedValue: nil)
            _issuedAt = Explicit(wrappedValue: nil)
            _problem = Explicit(wrappedValue: "its rows or its certificate cannot be read; remove it")
        }
    }
}

/// What was predicted of a rebuild, beside what it then took: a part of `roost.rebuild/1`.
package struct RebuildPredictionDocument: Codable, Sendable {
    package let plannedAt: Timestamp
    /// Events of the log by then.
    package let events: UInt64
    /// For as many events as there were in the end.
    package let seconds: Double
    package let secondsAtMost: Double
    /// Rows of the live projection by then.
    package let rows: UInt64
    package let memory: UInt64

    /// The prediction for `events` events.
    package init(_ plan: RebuildPlanDocument, for events: UInt64) {
        func rest(_ events: UInt64) -> Double { Double(events) - Double(plan.base ?? 0) }
        let share = rest(plan.events) > 0 ? rest(events) / rest(plan.events) : 0
        plannedAt = plan.plannedAt
        self.events = plan.events
        seconds = plan.seconds * share
        secondsAtMost = plan.secondsAtMost * share
        rows = plan.rows
        memory = plan.memory
    }
}
