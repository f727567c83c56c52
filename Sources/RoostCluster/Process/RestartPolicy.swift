/// When a process that ended is started again.
public struct RestartPolicy: Hashable, Sendable {
    /// Which ends call for another start. What the supervisor itself stopped is never restarted; what ended by itself has
    /// failed its cluster even with exit code 0.
    public enum When: String, Hashable, Sendable, CaseIterable {
        /// A signal, or an exit code other than 0.
        case onFailure = "on-failure"
        case never
        case always
    }

    /// Which ends call for another start.
    public var when: When
    /// More starts than this within `within` are not tried: the process has failed.
    public var max: Int
    /// The span in which starts are counted.
    public var within: Duration
    /// The first pause and the longest; each pause is twice the one before.
    public var backoff: ClosedRange<Duration>
    /// Whether the first start after a failure waits for nothing: while a writer is away, its partitions take nothing.
    public var retriesAtOnce: Bool

    /// The values of a topology that says nothing, but for `retriesAtOnce`: see `standard(for:)`.
    public init(
        when: When = .onFailure, max: Int = 30, within: Duration = .seconds(60),
        backoff: ClosedRange<Duration> = .milliseconds(100) ... .seconds(5), retriesAtOnce: Bool = false
    ) {
        self.when = when
        self.max = max
        self.within = within
        self.backoff = backoff
        self.retriesAtOnce = retriesAtOnce
    }

    /// What holds unless the topology says otherwise.
    public static func standard(for role: ProcessRole) -> RestartPolicy {
        RestartPolicy(when: .always, retriesAtOnce: role == .aggregate)
    }
}
