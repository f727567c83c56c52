import Foundation
import Logging
import RoostCluster
import RoostCore
import RoostLog
import RoostNode
import RoostTelemetry
import RoostTrace

/// What the process of the trace index does besides: it stores what all processes report about their work, checks causal
/// contracts while events come, and sends spans to a collector of OpenTelemetry where its environment names one.
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
        let push = try push()
        let endpoint = try await collector.start(at: setting.addresses.address(of: setting.name, .spans))
        setting.reporter.update { $0.endpoints = [endpoint] }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask(executorPreference: executors.asideTasks) { [collector] in await writer.run(collector.inbox) }
            group.addTask(executorPreference: executors.asideTasks) { try await self.keep(watch) }
            if let push {
                group.addTask(executorPreference: executors.asideTasks) { await self.keep(push) }
            }
            try await withCleanup(body) { await collector.stop() }
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    /// nil where no collector is named.
    private func push() throws -> OTLPPush? {
        let environment = ProcessInfo.processInfo.environment
        guard let settings = try OTLPSettings(environment: environment, cluster: setting.directory.name) else {
            return nil
        }
        return OTLPPush(
            settings: settings, log: setting.log, cursorPath: setting.directory.telemetryCursorFile,
            readers: setting.domain.reactors.map { TraceReader(name: $0.name, types: [], checkpoints: [:]) },
            logger: setting.logger)
    }

    /// What ends it is said in the log: the rest of the process goes on without it.
    private func keep(_ push: OTLPPush) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [setting] in
                do { try await push.run { await setting.stop.wait() } } catch {
                    setting.logger.error("spans are no longer sent", metadata: [LogKey.reason.rawValue: "\(error)"])
                }
            }
            group.addTask { await self.report(push) }
            await group.next()
            group.cancelAll()
        }
    }

    /// Keeps its counters in `ps` until cancelled.
    private func report(_ push: OTLPPush) async {
        let clock = ThreadClock(thread: executors.work)
        while !Task.isCancelled {
            let counters = push.counters
            setting.reporter.update {
                $0.counters["otlp.sent"] = Int64(clamping: counters.sent)
                $0.counters["otlp.refused"] = Int64(clamping: counters.refused)
                $0.counters["otlp.retries"] = Int64(clamping: counters.retries)
            }
            do { try await clock.sleep(for: .milliseconds(500)) } catch { return }
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
