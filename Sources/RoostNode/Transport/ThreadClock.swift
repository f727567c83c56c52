import Glibc
package import RoostCore
package import RoostZeroMQ

/// The wall clock of the machine; sleepers resume on the node's work thread.
package struct ThreadClock: NodeClock {
    private let thread: SocketThread

    package init(thread: SocketThread) { self.thread = thread }

    package var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    package func sleep(for duration: Duration) async throws { try await thread.sleep(for: duration) }
}
