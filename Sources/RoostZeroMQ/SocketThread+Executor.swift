internal import DequeModule
internal import Synchronization

extension SocketThread {
    /// For the runtime: both as the executor of actors and as the preference of tasks.
    package func enqueue(_ job: consuming ExecutorJob) {
        let unowned = UnownedJob(job)
        push(.job(unowned))
    }

    package func asUnownedSerialExecutor() -> UnownedSerialExecutor { unsafe UnownedSerialExecutor(ordinary: self) }

    /// For `assumeIsolated` and `preconditionIsolated`.
    package func checkIsolated() { assertCurrent("An actor") }

    /// `nil` makes the runtime ask `checkIsolated`, which traps with the thread's name.
    package func isIsolatingCurrentContext() -> Bool? { isCurrent ? true : nil }

    /// Runs `body` on the thread, soon, after what is queued already. From any thread.
    package func perform(_ body: @escaping @Sendable () -> Void) { push(.closure(body)) }

    /// Runs `body` on the thread and returns its result; at once when the caller is on it already.
    package func run<Value: Sendable, Failure: Error>(
        _ body: @escaping @Sendable () throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        if isCurrent { return try body() }
        let result: Result<Value, Failure> = await withCheckedContinuation { continuation in
            perform { continuation.resume(returning: Result(catching: body)) }
        }
        return try result.get()
    }

    /// Runs `body` once, on the thread, after the jobs of this turn and before the thread waits again. What a turn
    /// produced can so leave in one message. Only on the thread.
    package func atEndOfTurn(_ body: @escaping @Sendable () -> Void) {
        assertCurrent("The end of a turn")
        endOfTurn.append(body)
    }

    private func push(_ work: Work) {
        let (mustSignal, hasEnded) = inbox.withLock { inbox in
            inbox.work.append(work)
            defer { inbox.isAsleep = false }
            return (inbox.isAsleep, inbox.hasEnded)
        }
        precondition(!hasEnded, "work for thread '\(name)' arrived after its shutdown; end its tasks first")
        if mustSignal { wakeUp.signal() }
    }
}
