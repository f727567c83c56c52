import RoostCore
import RoostNode
import Synchronization

/// Keeps a rebuild at so many events a second, so that it leaves the machine to others.
final class RebuildPace: Sendable {
    private let perSecond: Int?
    private let clock: ThreadClock
    /// When the events done so far were due.
    private let due: Mutex<Timestamp>

    /// Without a rate nothing is held up.
    init(_ perSecond: Int?, _ clock: ThreadClock) {
        self.perSecond = perSecond
        self.clock = clock
        due = Mutex(clock.now)
    }

    /// Returns when so many events are due.
    @Sendable
    func pause(after events: UInt64) async throws {
        guard let perSecond else { return }
        let now = clock.now
        let wait = due.withLock { due in
            // Time in which nothing could be done is made up for a second long.
            due = max(due, now + .seconds(-1)) + .seconds(Double(events) / Double(perSecond))
            return due - now
        }
        if wait > .zero { try await clock.sleep(for: wait) }
    }
}
