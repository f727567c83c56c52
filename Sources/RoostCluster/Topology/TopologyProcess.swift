public import RoostCore

/// What a process does.
public enum ProcessRole: String, Hashable, Sendable, Codable, CaseIterable {
    case aggregate, reactor, projection, feed, replay, gateway
    /// Breaks messages on their way, where faults are allowed: the supervisor's own, not for topologies.
    case proxy

    /// Those that a topology may name.
    public static let allCases: [ProcessRole] = [.aggregate, .reactor, .projection, .feed, .replay, .gateway]

    /// Writers first: those who read from others find them sooner.
    static let startOrder: [ProcessRole] = [.proxy, .aggregate, .replay, .projection, .feed, .reactor, .gateway]
    /// The edge first, the writers last: nobody is left talking to a process that is gone.
    static let stopOrder: [ProcessRole] = [.gateway, .reactor, .feed, .projection, .replay, .aggregate, .proxy]
}

/// One entry of `processes`.
public struct TopologyProcess: Hashable, Sendable {
    /// The key under `processes`; for reactors, projections and feeds also the name of what they run.
    public let name: String
    /// What the process does.
    public let role: ProcessRole
    /// The categories it decides for; empty unless the role is `aggregate`.
    public let categories: [String]
    /// The partitions it owns, over all replicas; empty unless the role is `aggregate`.
    public let partitions: [PartitionID]
    /// How many processes share the partitions, from 1; 1 unless the role is `aggregate`.
    public let replicas: Int
    /// Who takes over the partitions of an instance that is lost; nil when they wait for its next start.
    public let failover: FailoverPolicy?
    /// Added to the environment of the process.
    public let environment: [String: String]
    /// When it is started again after it ended.
    public let restart: RestartPolicy
    /// How long an orderly stop may take before the process is killed.
    public let stopGrace: Duration
    /// What is done about events that cannot be applied; of use where the role is `projection`.
    public var parking = ParkingPolicy()

    /// The name of the projection that every application has: it indexes chains and collects what processes report.
    public static let traces = "traces"

    /// One per replica, and one per standby; the partitions are divided among the replicas into contiguous, even parts.
    public var instances: [ProcessInstance] {
        guard role == .aggregate else { return [ProcessInstance(name: name, process: self, partitions: [])] }
        return (0..<replicas + (failover?.standbys ?? 0)).map { index in
            let bounds = [index, index + 1].map { partitions.count * min($0, replicas) / replicas }
            return ProcessInstance(
                name: "\(name)-\(index)", process: self, partitions: Array(partitions[bounds[0]..<bounds[1]]))
        }
    }
}

/// One operating-system process of a cluster.
public struct ProcessInstance: Hashable, Sendable {
    /// The name in `ps`, of the log file and of the sockets: `orders-0`, `search`.
    public let name: String
    /// The entry that this is an instance of.
    public let process: TopologyProcess
    /// The partitions that this instance owns at first; none for a standby.
    public let partitions: [PartitionID]

    /// What the process does.
    public var role: ProcessRole { process.role }
}

extension ProcessInstance {
    /// What stands between writers and everybody else where faults are allowed. No process of a topology can be called so.
    package static let proxy = ProcessInstance(
        name: "_proxy",
        process: TopologyProcess(
            name: "_proxy", role: .proxy, categories: [], partitions: [], replicas: 1, failover: nil, environment: [:],
            restart: .standard(for: .proxy), stopGrace: .seconds(2)), partitions: [])
}
