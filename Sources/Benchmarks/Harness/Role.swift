import RoostNode

/// What a process of this executable does for another.
enum Role: String {
    case rawSubscriber = "raw-subscriber"
    case busSubscriber = "bus-subscriber"
    case writer
    case client
    case projector
    case failoverCluster = "failover-cluster"

    /// Runs the role named by the first argument.
    static func run(_ arguments: [String]) async throws {
        guard let name = arguments.first, let role = Role(rawValue: name) else { throw BenchmarkError("unknown role") }
        let arguments = Array(arguments.dropFirst())
        switch role {
        case .rawSubscriber: FanOutRows.receiveRaw(arguments)
        case .busSubscriber: try await BusListener.run(endpoint: arguments[0], events: Int(arguments[1]) ?? 0)
        case .writer: try await WriterProcess.run(Site(directory: arguments[0]), partitions: UInt32(arguments[1]) ?? 1)
        case .failoverCluster: try FailoverCluster.run(home: arguments[0])
        case .client: try await ClientProcess.run(Site(directory: arguments[0]), Load(arguments: arguments.dropFirst()))
        case .projector:
            try await ProjectorProcess.run(
                Site(directory: arguments[0]), arguments.dropFirst().first == TraceIndex.name ? TraceIndex.self : nil)
        }
    }
}
