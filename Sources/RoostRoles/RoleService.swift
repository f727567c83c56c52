import RoostCluster
import ServiceLifecycle

/// Does what the role of a process is, until the group or the life pipe says stop.
struct RoleService: Service {
    let setting: ProcessSetting
    let gateway: ProcessRun.GatewayBody

    func run() async throws {
        try await withGracefulShutdownHandler {
            try await role()
        } onGracefulShutdown: {
            setting.stop.request()
        }
    }

    private func role() async throws {
        if let rebuild = RebuildRole(setting) { return try await rebuild.run() }
        guard let instance = setting.topology.instance(named: setting.name) else {
            throw ClusterError(.notFound, "the topology has no process '\(setting.name)'", next: "roost check")
        }
        switch instance.role {
        case .aggregate: try await WriterRole(setting, partitions: instance.partitions).run()
        case .projection: try await ProjectionRole(setting).run()
        case .feed: try await FeedRole(setting).run()
        case .reactor: try await ReactorRole(setting).run()
        case .replay: try await ReplayRole(setting).run()
        case .gateway: try await gateway(setting)
        }
    }
}
