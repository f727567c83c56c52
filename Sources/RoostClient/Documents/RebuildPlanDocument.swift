/// What a rebuild would do and about how long it would take. Document `roost.rebuild-plan/1`.
package struct RebuildPlanDocument: Encodable, Sendable {
    package struct Kind: Encodable, Sendable {
        package let type: String
        package let events: UInt64
        /// The projection has a handler for it; all others it passes.
        package let handled: Bool
    }

    /// Stored events that no handler could be given.
    package struct Obstacle: Encodable, Sendable {
        package let kind: String
        package let events: UInt64
        package let reason: String
    }

    package let schema = "roost.rebuild-plan/1"
    package let projection: String
    package let events: UInt64
    package let handled: UInt64
    /// The most frequent first.
    package let kinds: [Kind]
    package let obstacles: [Obstacle]
    /// Rows of the live projection.
    package let rows: UInt64
    /// Bytes of the live projection: a rebuild needs about as many besides, until it is swapped or made again.
    package let bytes: UInt64
    /// Events that were applied in memory to find out how fast that is.
    package let sampled: UInt64
    /// As the sample predicts.
    package let seconds: Double
    /// As the slowest part of the sample predicts, with as much again for the disk.
    package let secondsAtMost: Double
}
