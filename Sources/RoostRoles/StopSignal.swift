import RoostCluster
import Synchronization

/// Fires once, from any thread; whoever waits, now or later, goes on.
public final class StopSignal: Sendable {
    private struct State {
        var isRequested = false
        var lastNumber: UInt64 = 0
        var waiting: [UInt64: CheckedContinuation<Void, Never>] = [:]
    }
    private let state = Mutex(State())

    /// Not fired yet.
    public init() {}

    /// Fires; safe to call again.
    public func request() {
        let waiting = state.withLock { state in
            state.isRequested = true
            defer { state.waiting = [:] }
            return state.waiting
        }
        for continuation in waiting.values { continuation.resume() }
    }

    /// Whether it has fired.
    public var isRequested: Bool { state.withLock { $0.isRequested } }

    /// Returns once the signal has fired, or when the task is cancelled.
    public func wait() async {
        let number = state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let mayGo = state.withLock { state in
                    // Cancelled before: the handler below has found nothing. Cancelled later: it waits for this lock.
                    if state.isRequested || Task.isCancelled { return true }
                    state.waiting[number] = continuation
                    return false
                }
                if mayGo { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: number) }?.resume()
        }
    }
}
