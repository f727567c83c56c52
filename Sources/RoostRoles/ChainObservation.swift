import Logging
import RoostCluster
import RoostCore
import RoostLog
import RoostNode
import RoostTrace

/// What the process of the trace index does besides: it stores what all processes report about their work, and checks causal
/// contracts while events come.
struct ChainObservation {
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

    /// Observes while `body` runs.
    func run(_ body: @escaping @Sendable () async throws -> Void) async throws {
        let writer = ObservedWriter(try store(), lane: executors.asideLane("observed")) {
            [logger = setting.logger] error in
            logger.warning("spans are lost", metadata: [LogKey.reason.rawValue: "\(error)"])
        }
        let watch = try watch()
        let endpoint = try await collector.start(at: setting.addresses.address(of: setting.name, .spans))
        setting.reporter.update { $0.endpoints = [endpoint] }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask(executorPreference: executors.asideTasks) { [collector] in await writer.run(collector.inbox) }
            group.addTask(executorPreference: executors.asideTasks) { try await self.keep(watch) }
            try await withCleanup(body) { await collector.stop() }
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    private func store() throws -> sending ObservedStore {
        try ObservedStore(
            path: ObservedStore.path(in: setting.directory.projections), logID: setting.log.identity.id)
    }

    private func watch() throws -> ContractWatch {
        let check = ChainCheck(
            setting.domain, log: setting.log, codec: setting.codec, reactors: setting.directory.reactors,
            projections: setting.directory.projections)
        return ContractWatch(
            setting.domain, check: check, index: TraceIndexReader(projections: setting.directory.projections),
            readers: try setting.readers(), store: try store(), clock: ThreadClock(thread: executors.work),
            lane: executors.asideLane("contracts")
        ) { [setting] counts, found in
            setting.reporter.update {
                $0.counters["contracts.findings"] = Int64(counts.findings)
                $0.counters["contracts.pending"] = Int64(counts.pending)
                $0.counters["contracts.behind"] = Int64(clamping: counts.behind)
            }
            for finding in found { Self.warn(of: finding, setting.logger) }
        }
    }

    private static func warn(of finding: CausalFinding, _ logger: Logger) {
        logger.warning(
            "causal contract does not hold",
            metadata: [
                LogKey.correlation.rawValue: "\(finding.correlationID)",
                LogKey.kind.rawValue: "\(finding.kind.rawValue)",
                LogKey.contract.rawValue: "\(finding.contract)",
                LogKey.reason.rawValue: "\(finding.type): \(finding.detail)",
            ])
    }

    /// What keeps it from looking passes, or the reader of the log says so: it never ends the process.
    private func keep(_ watch: ContractWatch) async throws {
        while !Task.isCancelled {
            do { try await watch.run() } catch {
                setting.logger.warning("contracts wait", metadata: [LogKey.reason.rawValue: "\(error)"])
                do { try await ThreadClock(thread: executors.work).sleep(for: .seconds(5)) } catch { return }
            }
        }
    }
}
