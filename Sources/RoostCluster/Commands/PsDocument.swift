/// What `ps` shows. Document `roost.ps/1`.
public struct PsDocument: Codable, Hashable, Sendable {
    public struct Process: Codable, Hashable, Sendable {
        public let name: String
        public let role: String
        public let pid: Int32?
        public let state: String
        public let ready: Bool
        public let restarts: Int
        public let lastExit: ProcessState.Exit?
        public let waitingFor: String?
        public let endpoints: [String]
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
            try values.encode(counters, forKey: .counters)
        }
    }

    public let schema: String
    public let cluster: String
    public let gateway: String?
    public let processes: [Process]

    public init(_ state: ClusterState) {
        schema = "roost.ps/1"
        cluster = state.cluster
        gateway = state.gateway
        processes = state.processes.map { process in
            Process(
                name: process.name, role: process.role.rawValue, pid: process.pid, state: process.state.rawValue,
                ready: process.ready, restarts: process.restarts, lastExit: process.lastExit,
                waitingFor: process.waitingFor, endpoints: process.endpoints, counters: process.counters)
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(schema, forKey: .schema)
        try values.encode(cluster, forKey: .cluster)
        try values.encode(gateway, forKey: .gateway)
        try values.encode(processes, forKey: .processes)
    }
}
