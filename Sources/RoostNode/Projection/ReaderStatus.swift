package import RoostCore
import Synchronization

/// What a reader says about itself to the process that runs it.
package final class ReaderStatus: Sendable {
    package enum State: String, Sendable { case catchingUp, live }

    package struct Report: Sendable {
        package var state = State.catchingUp
        package var counters = Feed.Counters()
        package var positions: [PartitionID: Position] = [:]
        /// Positions known to exist but not applied.
        package var pending: UInt64 = 0
    }

    package let name: String
    private let value = Mutex(Report())

    package init(name: String) { self.name = name }

    package var report: Report { value.withLock { $0 } }
    package func set(_ state: State) { value.withLock { $0.state = state } }
    package func update(_ counters: Feed.Counters, positions: [PartitionID: Position], pending: UInt64) {
        value.withLock {
            $0.counters = counters
            $0.positions = positions
            $0.pending = pending
        }
    }
}
