/// What `ps` shows. Document `roost.ps/1`.
public struct PsDocument: Codable, Hashable, Sendable {
    /// One process as `ps` shows it; the names are those of the document.
    public struct Process: Codable, Hashable, Sendable {
        /// The name of the instance, as in `orders-0`.
        public let name: String
        /// The raw value of a `ProcessRole`.
        public let role: String
        /// null while no process runs.
        public let pid: Int32?
        /// The raw value of a `ProcessState.Phase`.
        public let state: String
        /// Everything the process is for works now.
        public let ready: Bool
        /// Starts after the first, since the supervisor began.
        public let restarts: Int
        /// null until the process has ended once.
        public let lastExit: ProcessState.Exit?
        /// In words; null when it waits for nothing.
        public let waitingFor: String?
        /// The addresses it is bound to.
        public let endpoints: [String]
        /// The partitions it owns; empty for all but writers, and for a standby.
        public let partitions: [UInt32]
        /// What the process counts, as it said last.
        public let counters: [String: Int64]

        /// Keys without a value are written as null: a reader finds every key, always.
        public func encode(to encoder: any Encoder) throws {
            var values = encoder.container(keyedBy: CodingKeys.self)
            try values.encode(name, forKey: .name)
            try values.encode(role, forKey: .role)
            try values.encode(pid, forKey: .pid)
            try values.encode(state, forKey: .state)
            try values.encode(ready, forKey: .ready)
            try values.encode(restarts, forKey: .restarts)
            try values.encode(lastExit, forKey: .lastExit)
            try values.encode(waitingFor, forKey: .waitingFor)
            try values.encode(endpoints, forKey: .endpoints)
            try values.encode(partitions, forKey: .partitions)
            try values.encode(counters, forKey: .counters)
        }
    }

    /// `roost.ps/1`; another number means another shape.
    public let schema: String
    /// The name of the cluster.
    public let cluster: String
    /// The address of the gateway; null until it is bound.
    public let gateway: String?
    /// In the order of the state.
    public let processes: [Process]
    /// The faults that hold, in words; what each has done so far says `roost.faults/1`.
    public let faults: [String]

    /// What is known of a cluster now; whether its supervisor lives is the caller's to ask.
    package init(_ state: ClusterState, in directory: ClusterDirectory) throws {
        try self.init(state, faults: FaultList.read(directory)?.faults.map { "\($0.id): \($0.fault.text)" } ?? [])
    }

    /// Shows a state as it is.
    public init(_ state: ClusterState, faults: [String]) {
        self.faults = faults
        schema = "roost.ps/1"
        cluster = state.cluster
        gateway = state.gateway
        processes = state.processes.map { process in
            Process(
                name: process.name, role: process.role.rawValue, pid: process.pid, state: process.state.rawValue,
                ready: process.ready, restarts: process.restarts, lastExit: process.lastExit,
                waitingFor: process.waitingFor, endpoints: process.endpoints, partitions: process.partitions,
                counters: process.counters)
        }
    }

    /// Keys without a value are written as null: a reader finds every key, always.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(schema, forKey: .schema)
        try values.encode(cluster, forKey: .cluster)
        try values.encode(gateway, forKey: .gateway)
        try values.encode(processes, forKey: .processes)
        try values.encode(faults, forKey: .faults)
    }
}
