import Foundation
import Logging
import RoostCluster
import RoostCore
import RoostLog
import RoostLogSQLite
import RoostNode
import RoostTelemetry
import RoostTrace
import RoostZeroMQ

/// What the process of the trace index does besides: it stores what all processes report about their work, checks causal
/// contracts while events come, and sends spans to a collector of OpenTelemetry where its environment names one.
///
/// Each of these is a help: what keeps it from working is said in the log, and the index goes on without it.
struct ChainObservation {
    private let setting: ProcessSetting
    private let executors: ThreadExecutors

    init(_ setting: ProcessSetting, _ executors: ThreadExecutors) {
        self.setting = setting
        self.executors = executors
    }

    /// Observes while `body` runs.
    func run(_ body: @escaping @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask(executorPreference: executors.asideTasks) {
                await attempt("collecting spans") { try await collect() }
            }
            group.addTask(executorPreference: executors.asideTasks) {
                await attempt("sending spans") { try await push() }
            }
            group.addTask { await attempt("checking contracts") { try await watch() } }
            // Its end asks everything here to stop, each in its own order.
            try await body()
            setting.stop.request()
            try await group.waitForAll()
        }
    }

    private func attempt(_ what: String, _ body: () async throws -> Void) async {
        do { try await body() } catch {
            setting.logger.error("\(what) has ended", metadata: [LogKey.reason.rawValue: "\(error)"])
        }
    }

    private func store() throws -> sending ObservedStore {
        try ObservedStore.open(
            path: ObservedStore.path(in: setting.directory.projections), logID: setting.log.identity.id)
    }

    // MARK: - Spans of processes

    private func collect() async throws {
        let collector = SpanCollector(
            thread: executors.work, logID: setting.log.identity.id,
            security: try ClusterKeys.server(setting.directory, setting.topology))
        let writer = ObservedWriter(try store(), lane: executors.asideLane("observed")) { [setting] error in
            setting.logger.warning("spans are lost", metadata: [LogKey.reason.rawValue: "\(error)"])
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask(executorPreference: executors.asideTasks) { await writer.run(collector.inbox) }
            await attempt("collecting spans") {
                try await withCleanup {
                    let endpoint = try await collector.start(at: setting.addresses.address(of: setting.name, .spans))
                    setting.reporter.update { $0.endpoints = [endpoint] }
                    await setting.stop.wait()
                } cleanup: {
                    await collector.stop()
                }
            }
        }
    }

    // MARK: - Contracts

    /// On a thread and with a view of the log of its own: nobody waits for it.
    private func watch() async throws {
        let thread = SocketThread(name: "contracts")
        defer { thread.shutdown() }
        let log = try SQLiteLog.open(at: setting.directory.log)
        let readers = try log.identity.placement.partitions.map { try log.reader($0) }
        while !setting.stop.isRequested {
            let watch = try watch(log, readers, thread)
            await attempt("a look at contracts") {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask(executorPreference: thread) { try await watch.run() }
                    group.addTask { [stop = setting.stop] in await stop.wait() }
                    try await group.next()
                    group.cancelAll()
                }
            }
            guard !setting.stop.isRequested else { return }
            try await thread.sleep(for: .seconds(5))
        }
    }

    private func watch(
        _ log: any EventLog, _ readers: [any PartitionReader], _ thread: SocketThread
    ) throws -> ContractWatch {
        let projections = setting.directory.projections
        let check = ChainCheck(
            setting.domain, log: log, codec: setting.codec, reactors: setting.directory.reactors,
            projections: projections)
        let trouble = LastWords()
        return ContractWatch(
            setting.domain, check: check, index: TraceIndexReader(projections: projections), readers: readers,
            store: try store(), clock: ThreadClock(thread: thread), lane: thread
        ) { [setting] report in
            setting.reporter.update {
                $0.counters["contracts.findings"] = Int64(report.findings)
                $0.counters["contracts.pending"] = Int64(report.pending)
                $0.counters["contracts.behind"] = Int64(clamping: report.behind)
            }
            for finding in report.found { Self.warn(of: finding, setting.logger) }
            if let words = trouble.new(report.obstacle) {
                setting.logger.warning("contracts wait", metadata: [LogKey.reason.rawValue: "\(words)"])
            }
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

    // MARK: - OpenTelemetry

    /// Shorter than the grace of a stop, which waits for the request that is under way.
    private static let answerTimeout = Duration.seconds(5)

    /// Does nothing where no collector is named.
    private func push() async throws {
        let environment = ProcessInfo.processInfo.environment
        guard var settings = try OTLPSettings(environment: environment, cluster: setting.directory.name) else { return }
        settings.timeout = Self.answerTimeout
        let push = OTLPPush(
            settings: settings, log: setting.log, cursorPath: setting.directory.telemetryCursorFile,
            readers: setting.domain.reactors.map { TraceReader(name: $0.name, types: [], checkpoints: [:]) },
            logger: setting.logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await report(push) }
            try await push.run { [stop = setting.stop] in await stop.wait() }
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
}
