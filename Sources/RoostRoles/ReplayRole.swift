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
            security: try ClusterKeys.server(setting.directory, setting.topology))
        try await withCleanup {
            let endpoint = try await server.start(at: setting.addresses.address(of: setting.name, .replay))
            setting.reporter.update {
                $0.ready = true
                $0.endpoints = [endpoint]
            }
            await serve(server, executors)
        } cleanup: {
            await server.stop()
        }
    }

    /// Keeps the counters of `ps` fresh until told to stop.
    private func serve(_ server: ReplayServer, _ executors: ThreadExecutors) async {
        let clock = ThreadClock(thread: executors.work)
        await withTaskGroup(of: Void.self) { group in
            group.addTask(executorPreference: executors.tasks) {
                do {
                    while true {
                        setting.reporter.update { $0.counters = server.counters.byName }
                        try await clock.sleep(for: .milliseconds(500))
                    }
                } catch { return }
            }
            await setting.stop.wait()
            group.cancelAll()
        }
    }
}
