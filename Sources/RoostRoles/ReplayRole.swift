import RoostCluster
import RoostLog
import RoostNode

/// Serves pages of the log to rebuilds.
struct ReplayRole {
    private let setting: ProcessSetting

    init(_ setting: ProcessSetting) { self.setting = setting }

    func run() async throws {
        let executors = ThreadExecutors(name: setting.name)
        defer { executors.shutdown() }
        let server = try ReplayServer(
            thread: executors.work, log: setting.log,
            security: try ClusterKeys.server(setting))
        let endpoint = try await server.start(at: setting.addresses.address(of: setting.name, .replay))
        setting.reporter.update {
            $0.ready = true
            $0.endpoints = [endpoint]
        }
        await setting.stop.wait()
        await server.stop()
    }
}
