import Foundation
import RoostCluster
import RoostCore
import RoostLog
import RoostNode
import RoostZeroMQ

/// What every process that follows the log does beside its work: hears the bus, looks at the log now and then, and
/// says where it stands.
struct ReaderLoop {
    let setting: ProcessSetting
    let feed: Feed
    let status: ReaderStatus
    let executors: ThreadExecutors
    let clock: ThreadClock
    private let reporting: SpanReporting

    init(_ setting: ProcessSetting, status: ReaderStatus, executors: ThreadExecutors) throws {
        self.setting = setting
        self.status = status
        self.executors = executors
        clock = ThreadClock(thread: executors.work)
        feed = Feed(logID: setting.log.identity.id)
        reporting = try SpanReporting(setting, executors)
    }

    /// Takes down what the reader does; nil where nobody collects it.
    var spans: SpanRecorder? { reporting.recorder }

    /// Runs `body`, the reader itself, beside the loop; ends when `body` ends, which `feed.close()` makes it do.
    /// `onStop` ends what `body` may be waiting for besides.
    func run(
        _ body: @escaping @Sendable () async throws -> Void, onStop: @escaping @Sendable () async -> Void = {}
    ) async throws {
        let subscriber = BusSubscriber(
            thread: executors.work, logID: setting.log.identity.id, options: try options()
        ) { [feed] in feed.offer($0) }
        try await withCleanup {
            try await subscriber.start(endpoints: setting.publishers(), topics: topics)
            setting.reporter.update { $0.waitingFor = "the log to be caught up with" }
            try await reporting.run { try await follow(subscriber, while: body, onStop) }
        } cleanup: {
            await subscriber.stop()
        }
    }

    private func follow(
        _ subscriber: BusSubscriber, while body: @escaping @Sendable () async throws -> Void,
        _ onStop: @escaping @Sendable () async -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask(executorPreference: executors.logTasks(setting.name)) { try await body() }
            group.addTask(executorPreference: executors.tasks) { try await watch(subscriber) }
            group.addTask(executorPreference: executors.tasks) {
                await setting.stop.wait()
                feed.close()
                await onStop()
                // The reader decides when the loop is over.
                await StopSignal().wait()
            }
            defer { setting.stop.request() }
            _ = try await group.next()
            group.cancelAll()
        }
    }

    /// Looks at the log although nothing was heard, and keeps the status of the process fresh. Until cancelled.
    private func watch(_ subscriber: BusSubscriber) async throws {
        while true {
            try await clock.sleep(for: feed.limits.lookEvery)
            feed.tick()
            report(subscriber.counters)
        }
    }

    private func report(_ transport: TransportCounters) {
        let report = status.report
        setting.reporter.update {
            $0.ready = report.state == .live && report.obstacles.isEmpty
            $0.waitingFor = Self.wait(report) ?? Self.keyTrouble(transport)
            $0.counters.merge(transport.byName.merging(report.counters.byName) { $1 }) { $1 }
            $0.counters["pending"] = Int64(report.pending)
            guard let setAside = report.setAside else { return }
            $0.counters["parked"] = Int64(setAside.parked)
            $0.counters["parkedStreams"] = Int64(setAside.streams)
            $0.counters["discarded"] = Int64(setAside.discarded)
        }
    }

    /// The log is read all the same, later than the bus would tell.
    private static func keyTrouble(_ transport: TransportCounters) -> String? {
        guard transport.received == 0, transport.refused["unauthenticated", default: 0] > 0 else { return nil }
        return "its key to be accepted by publishers: see keys/allowed in the cluster's directory"
    }

    private static func wait(_ report: ReaderStatus.Report) -> String? {
        let obstacles = report.obstacles.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        if !obstacles.isEmpty { return obstacles.joined(separator: "; ") }
        return report.state == .live ? nil : "the log to be caught up with"
    }

    /// The topology's limits; faults that a test or a drill asks for win.
    private func options() throws -> BusSubscriber.Options {
        let environment = ProcessInfo.processInfo.environment
        var options = BusSubscriber.Options(environment: environment)
        options.security = try ClusterKeys.client(setting.name, setting.directory, setting.topology)
        if environment["ROOST_BUS_RECEIVE_HIGH_WATER"] == nil {
            options.receiveHighWater = Int32(clamping: setting.topology.bus.receiveHighWater)
        }
        return options
    }

    /// Every topic of the log.
    private var topics: [String] { setting.log.identity.placement.groups.map { $0.name + "." } }
}
