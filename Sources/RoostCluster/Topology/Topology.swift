public import RoostCore

/// What a cluster consists of: its log, its bus and its processes. Read from a file and checked as a whole.
public struct Topology: Sendable {
    /// The only format there is so far; the value of the key `roost`.
    public static let format = 1

    /// What the cluster is called unless another name is given.
    public let name: String
    /// Which partition holds which stream.
    public let placement: Placement
    /// How events travel; a file that says nothing has the standard settings.
    public let bus: BusSettings
    /// In the order of the file.
    public let processes: [TopologyProcess]
    /// What is broken from the start; nil where nothing may be: see `roost up --faults`.
    package let faults: [FaultSpec]?
    /// Where things stand in the file, for problems that only a domain can reveal.
    let marks: TopologyMarks

    /// How many partitions the log has.
    public var partitionCount: UInt32 { placement.partitionCount }

    /// Every process to start: an aggregate process gives one per replica, all others one each.
    public var instances: [ProcessInstance] { processes.flatMap(\.instances) }

    /// The instance of this name: `orders-1`, `search`.
    public func instance(named name: String) -> ProcessInstance? {
        instances.first { $0.name == name }
    }

    /// The instances that `name` stands for: one instance, or all replicas of a process.
    public func instances(named name: String) -> [ProcessInstance] {
        instances.filter { $0.name == name || $0.process.name == name }
    }
}

/// How events travel between processes.
public struct BusSettings: Hashable, Sendable {
    /// The ways there are.
    public enum Transport: String, Hashable, Sendable, CaseIterable {
        /// Sockets of the file system, in a directory that only its owner may enter.
        case ipc
        /// Ports of the loopback interface, encrypted with CURVE; only listed keys may connect.
        case tcp
    }

    /// Which kind of socket every connection uses.
    public var transport: Transport
    /// Messages a publisher holds for one subscriber before it drops.
    public var sendHighWater: Int
    /// Messages a subscriber's socket holds before it drops.
    public var receiveHighWater: Int

    /// High-water marks are in messages, at least 1.
    public init(transport: Transport = .ipc, sendHighWater: Int = 10_000, receiveHighWater: Int = 10_000) {
        self.transport = transport
        self.sendHighWater = sendHighWater
        self.receiveHighWater = receiveHighWater
    }
}
