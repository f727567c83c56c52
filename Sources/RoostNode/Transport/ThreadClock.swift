import Glibc
package import RoostCore
package import RoostZeroMQ

/// The wall clock of the machine; sleepers resume on the node's work thread. A test or a drill may put the clock of a process
/// off: `ROOST_CLOCK_OFFSET_SECONDS=1860` is half an hour and a minute ahead.
package struct ThreadClock: NodeClock {
    private let thread: SocketThread

    package init(thread: SocketThread) { self.thread = thread }

    package var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(nanoseconds: (Int64(time.tv_sec) + Self.offsetSeconds) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    private static let offsetSeconds: Int64 =
        getenv("ROOST_CLOCK_OFFSET_SECONDS").flatMap { Int64(String(cString: $0)) } ?? 0

    package func sleep(for duration: Duration) async throws { try await thread.sleep(for: duration) }
}
