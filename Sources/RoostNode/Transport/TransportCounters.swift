import Synchronization

/// What passed through a transport, and what was refused, by reason. Read from any thread.
package struct TransportCounters: Hashable, Sendable {
    /// Whole messages, in both directions.
    package var received: UInt64 = 0
    package var sent: UInt64 = 0
    /// Commands or events in them.
    package var records: UInt64 = 0
    /// What could not be sent, or had to be dropped on purpose.
    package var dropped: UInt64 = 0
    /// Messages and commands that changed no state, by reason: `badChecksum`, `foreignLog`, `expired` …
    package var refused: [String: UInt64] = [:]

    package init() {}

    package mutating func refuse(_ reason: String, _ count: Int = 1) { refused[reason, default: 0] += UInt64(count) }
}

/// Counted on one thread, read from any.
final class SharedCounters: Sendable {
    private let counters = Mutex(TransportCounters())
    var snapshot: TransportCounters { counters.withLock { $0 } }
    func count(_ change: (inout TransportCounters) -> Void) { counters.withLock { change(&$0) } }
}
