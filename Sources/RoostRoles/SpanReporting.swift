import Logging
import RoostCluster
import RoostCore
import RoostLog
import RoostNode

/// Lets the work of a process be seen in traces, where the topology has a process that collects it.
struct SpanReporting {
    /// nil where nobody collects.
    let recorder: SpanRecorder?
    private let sender: SpanSender?
    private let setting: ProcessSetting

    init(_ setting: ProcessSetting, _ executors: ThreadExecutors) throws {
        self.setting = setting
        guard try setting.spanCollector() != nil else {
            (recorder, sender) = (nil, nil)
            return
        }
        let clock = ThreadClock(thread: executors.work)
        var ids = UniqueIDs(random: SystemRandomPool())
        let recorder = SpanRecorder(
            process: setting.name, incarnation: ids.next(at: clock.now), logID: setting.log.identity.id, clock: clock)
        self.recorder = recorder
        sender = SpanSender(thread: executors.work, recorder: recorder)
    }

    /// Reports while `body` runs. What keeps it from reporting is said in the log, and keeps nothing else from going on.
    func run(_ body: () async throws -> Void) async throws {
        guard let sender else { return try await body() }
        do { try await start(sender) } catch {
            setting.logger.warning("work is not reported", metadata: [LogKey.reason.rawValue: "\(error)"])
        }
        try await withCleanup(body) { await sender.stop() }
    }

    private func start(_ sender: SpanSender) async throws {
        guard let endpoint = try setting.spanCollector() else { return }
        try await sender.start(
            to: endpoint, security: try ClusterKeys.client(setting.name, setting.directory, setting.topology))
    }
}
