/// Decides from what happened before whether and when a process starts again. Times count from any fixed moment.
struct RestartHistory: Sendable {
    enum Decision: Hashable, Sendable {
        case restart(after: Duration)
        /// It ended as it should; nothing is wrong.
        case rest
        /// Another start would change nothing, or there were too many.
        case giveUp(String)
    }

    private let policy: RestartPolicy
    /// Starts within the policy's window, oldest first.
    private var restarts: [Duration] = []
    private var failuresInRow = 0

    init(policy: RestartPolicy) { self.policy = policy }

    /// `wasReady` says whether the run that ended had become ready: then the pauses begin again from the first.
    mutating func ended(_ exit: ProcessExit, wasReady: Bool, reason: String?, at now: Duration) -> Decision {
        if exit.isPermanent(reason: reason) { return .giveUp(reason ?? exit.description) }
        switch policy.when {
        case .never: return exit.isSuccess ? .rest : .giveUp(reason ?? exit.description)
        case .onFailure where exit.isSuccess: return .rest
        case .onFailure, .always: break
        }
        restarts.removeAll { $0 <= now - policy.within }
        guard restarts.count < policy.max else {
            let window = DurationText.text(policy.within)
            return .giveUp("ended \(policy.max + 1) times within \(window), last: \(reason ?? exit.description)")
        }
        failuresInRow = wasReady ? 1 : failuresInRow + 1
        restarts.append(now)
        return .restart(after: pause(wasReady: wasReady))
    }

    private func pause(wasReady: Bool) -> Duration {
        let immediate = wasReady || policy.retriesAtOnce
        let doublings = failuresInRow - (immediate ? 2 : 1)
        guard doublings >= 0 else { return .zero }
        // 30 doublings exceed every limit that a topology can name.
        let pause = policy.backoff.lowerBound * (1 << min(doublings, 30))
        return min(pause, policy.backoff.upperBound)
    }
}
