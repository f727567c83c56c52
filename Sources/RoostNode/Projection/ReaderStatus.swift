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
        /// What keeps the reader from going on, and may pass, by what it concerns.
        package var obstacles: [String: String] = [:]
        /// nil for a reader that parks nothing.
        package var setAside: SetAside?
    }

    /// What a projection has not applied, visibly.
    package struct SetAside: Hashable, Sendable {
        package let streams: Int
        package let parked: UInt64
        package let discarded: UInt64
    }

    package let name: String
    private let value = Mutex(Report())

    package init(name: String) { self.name = name }

    package var report: Report { value.withLock { $0 } }
    package func set(_ state: State) { value.withLock { $0.state = state } }

    /// Runs a step. What keeps it from going on and may pass is noted, for it to be tried again; all else is thrown.
    package func attempt(_ what: String, _ step: () throws -> Void) throws {
        do {
            try step()
            value.withLock { _ = $0.obstacles.removeValue(forKey: what) }
        } catch {
            guard let obstacle = Obstacle.text(of: error) else { throw error }
            value.withLock { $0.obstacles[what] = obstacle }
        }
    }

    /// Notes what keeps a part of the reader from going on; nil when nothing does any more.
    package func hold(_ what: String, _ obstacle: String?) {
        value.withLock { $0.obstacles[what] = obstacle }
    }

    package func setAside(_ setAside: SetAside) { value.withLock { $0.setAside = setAside } }

    package func update(_ counters: Feed.Counters, positions: [PartitionID: Position], pending: UInt64) {
        value.withLock {
            $0.counters = counters
            $0.positions = positions
            $0.pending = pending
        }
    }
}
