import RoostCluster
import Synchronization

/// Fires once, from any thread; whoever waits, now or later, goes on.
public final class StopSignal: Sendable {
    private struct State {
        var isRequested = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }
    private let state = Mutex(State())

    /// Not fired yet.
    public init() {}

    /// Fires; safe to call again.
    public func request() {
        let waiting = state.withLock { state in
            state.isRequested = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Returns once the signal has fired.
    public func wait() async {
        await withCheckedContinuation { continuation in
            let mayGo = state.withLock { state in
                if state.isRequested { return true }
                state.waiting.append(continuation)
                return false
            }
            if mayGo { continuation.resume() }
        }
    }
}
