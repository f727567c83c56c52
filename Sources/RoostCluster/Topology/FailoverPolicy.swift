/// How the partitions of a lost writer find a new owner.
public struct FailoverPolicy: Hashable, Sendable {
    /// Instances beside the replicas that own nothing until one is lost; with 0 the other replicas take over.
    public var standbys: Int
    /// An instance that says nothing for so long is lost, too: it is killed, and then replaced. 1.5 s unless given.
    public var stalledAfter: Duration
    /// Whether a stalled instance is killed before another one claims its partitions. Only a drill says no: it shows that
    /// the epoch alone keeps a log whole.
    public var killsStalled: Bool

    /// The values of a topology that says no more than `failover: {}`.
    public init(standbys: Int = 0, stalledAfter: Duration = .milliseconds(1500), killsStalled: Bool = true) {
        self.standbys = standbys
        self.stalledAfter = stalledAfter
        self.killsStalled = killsStalled
    }
}
