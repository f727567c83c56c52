import Logging
import RoostCluster
import RoostCore
import RoostLog
import RoostNode

/// Stores what all processes report about their work, beside the trace index.
struct SpanCollection {
    private let setting: ProcessSetting
    private let executors: ThreadExecutors
    private let collector: SpanCollector

    init(_ setting: ProcessSetting, _ executors: ThreadExecutors) throws {
        self.setting = setting
        self.executors = executors
        collector = SpanCollector(
            thread: executors.work, logID: setting.log.identity.id,
            security: try ClusterKeys.server(setting.directory, setting.topology))
    }

    /// Collects while `body` runs.
    func run(_ body: @escaping @Sendable () async throws -> Void) async throws {
        let path = ObservedStore.path(in: setting.directory.projections)
        let store = try ObservedStore(path: path, logID: setting.log.identity.id)
        let writer = ObservedWriter(store, lane: executors.asideLane("observed")) { [logger = setting.logger] error in
            logger.warning("spans are lost", metadata: [LogKey.reason.rawValue: "\(error)"])
        }
        let endpoint = try await collector.start(at: setting.addresses.address(of: setting.name, .spans))
        setting.reporter.update { $0.endpoints = [endpoint] }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask(executorPreference: executors.asideTasks) { [collector] in await writer.run(collector.inbox) }
            try await withCleanup(body) { await collector.stop() }
            try await group.waitForAll()
        }
    }
}
