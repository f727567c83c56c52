import Glibc
package import RoostCore
package import RoostZeroMQ
import Synchronization

/// The wall clock of the machine; sleepers resume on the node's work thread. A fault may put the clock of a process off while
/// it runs; it starts with `ROOST_CLOCK_OFFSET_SECONDS=1860` half an hour and a minute ahead.
package struct ThreadClock: NodeClock {
    private let thread: SocketThread

    package init(thread: SocketThread) { self.thread = thread }

    package var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let nanoseconds = Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
        let offset = Self.offset.load(ordering: .relaxed)
        if offset != 0 { Self.putOffReadings.add(1, ordering: .relaxed) }
        return Timestamp(nanoseconds: nanoseconds + Self.startOffset + offset)
    }

    /// From now on all clocks of this process are so far ahead of the machine's, besides what they started with.
    package static func putOff(by duration: Duration) {
        offset.store(Int64(duration / .nanoseconds(1)), ordering: .relaxed)
    }

    /// How often a clock of this process was read while it was put off.
    package static var readingsPutOff: Int64 { putOffReadings.load(ordering: .relaxed) }

    private static let offset = Atomic<Int64>(0)
    private static let putOffReadings = Atomic<Int64>(0)
    private static let startOffset: Int64 =
        (getenv("ROOST_CLOCK_OFFSET_SECONDS").flatMap { Int64(String(cString: $0)) } ?? 0) * 1_000_000_000

    package func sleep(for duration: Duration) async throws { try await thread.sleep(for: duration) }
}
