internal import Synchronization

extension SocketThread {
    /// Names a scheduled timer.
    package struct TimerID: Hashable, Sendable {
        fileprivate let number: UInt64
    }

    /// Runs `body` on the thread after `duration`, rounded up to milliseconds. From any thread.
    @discardableResult
    package func schedule(after duration: Duration, _ body: @escaping @Sendable () -> Void) -> TimerID {
        let due = Self.monotonicNanoseconds() &+ Self.nanoseconds(duration)
        let (number, mustSignal) = inbox.withLock { inbox in
            let isSoonest = inbox.timers.nextDue.map { due < $0 } ?? true
            let mustSignal = inbox.isAsleep && isSoonest
            if mustSignal { inbox.isAsleep = false }
            return (inbox.timers.add(due: due, body), mustSignal)
        }
        if mustSignal { wakeUp.signal() }
        return TimerID(number: number)
    }

    /// Without effect on a timer that has fired. From any thread.
    package func cancel(_ timer: TimerID) { inbox.withLock { $0.timers.cancel(timer.number) } }

    /// Returns after `duration`, or throws `CancellationError` soon after the task is cancelled. The waiting task is
    /// resumed on this thread.
    package func sleep(for duration: Duration) async throws {
        let sleeper = Sleeper(thread: self)
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { sleeper.start(duration, $0) }
        } onCancel: {
            sleeper.cancel()
        }
    }

    /// Zero for a negative duration; centuries are cut short.
    private static func nanoseconds(_ duration: Duration) -> UInt64 {
        let (seconds, attoseconds) = duration.components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        return UInt64(min(seconds, 4_000_000_000)) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
    }
}

/// One sleep: waiting until its timer fires or its task is cancelled, whichever comes first.
private final class Sleeper: Sendable {
    private enum State {
        /// May become waiting or ended.
        case idle
        /// May become ended.
        case waiting(CheckedContinuation<Void, any Error>, SocketThread.TimerID)
        case ended
    }

    private let thread: SocketThread
    private let state = Mutex(State.idle)

    init(thread: SocketThread) { self.thread = thread }

    func start(_ duration: Duration, _ continuation: CheckedContinuation<Void, any Error>) {
        let isCancelled = state.withLock { state in
            guard case .idle = state else { return true }
            state = .waiting(continuation, thread.schedule(after: duration) { self.take()?.resume() })
            return false
        }
        if isCancelled { continuation.resume(throwing: CancellationError()) }
    }

    func cancel() {
        guard let continuation = take() else { return }
        thread.perform { continuation.resume(throwing: CancellationError()) }
    }

    private func take() -> CheckedContinuation<Void, any Error>? {
        state.withLock { state in
            defer { state = .ended }
            guard case .waiting(let continuation, let timer) = state else { return nil }
            thread.cancel(timer)
            return continuation
        }
    }
}
