import Logging
import RoostCluster
import RoostNode
import RoostVault
import ServiceLifecycle

/// Does what the role of a process is, until the group or the life pipe says stop.
struct RoleService: Service {
    let setting: ProcessSetting
    let gateway: ProcessRun.GatewayBody

    func run() async throws {
        try await withGracefulShutdownHandler {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await watchVault() }
                defer { group.cancelAll() }
                try await role()
            }
        } onGracefulShutdown: {
            setting.stop.request()
        }
    }

    /// Lets go of keys in memory once a subject is erased, and says so. Until cancelled.
    private func watchVault() async throws {
        while true {
            do {
                _ = try setting.vault.refresh()
                try setting.vault.acknowledge(as: setting.name)
            } catch {
                // Who erases waits for the acknowledgement, so nothing is missed.
                setting.logger.warning("vault cannot be read", metadata: [LogKey.reason.rawValue: "\(error)"])
            }
            do { try await Task.sleep(for: .milliseconds(250)) } catch { return }
        }
    }

    private func role() async throws {
        if let rebuild = RebuildRole(setting) { return try await rebuild.run() }
        guard let instance = setting.topology.instance(named: setting.name) else {
            throw ClusterError(.notFound, "the topology has no process '\(setting.name)'", next: "roost check")
        }
        switch instance.role {
        case .aggregate: try await WriterRole(setting, instance).run()
        case .projection: try await ProjectionRole(setting).run()
        case .feed: try await FeedRole(setting).run()
        case .reactor: try await ReactorRole(setting).run()
        case .replay: try await ReplayRole(setting).run()
        case .gateway: try await gateway(setting)
        case .proxy: return
        }
    }
}
