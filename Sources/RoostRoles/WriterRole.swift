import Logging
import RoostCluster
import RoostCore
import RoostLog
import RoostLogSQLite
import RoostNode
import RoostVault
import RoostZeroMQ
import Synchronization

/// Owns partitions: takes commands, hosts aggregates, appends and publishes.
struct WriterRole {
    private let setting: ProcessSetting
    private let partitions: [PartitionID]
    private let hosts: HostTable

    init(_ setting: ProcessSetting, partitions: [PartitionID]) {
        self.setting = setting
        self.partitions = partitions
        hosts = HostTable(opening: partitions)
    }

    func run() async throws {
        let executors = ThreadExecutors(name: setting.name, partitions: partitions.count)
        defer { executors.shutdown() }
        let clock = ThreadClock(thread: executors.work)
        let security = try ClusterKeys.server(setting.directory, setting.topology)
        var serving = CommandServer.Options()
        serving.security = security
        let server = CommandServer(
            thread: executors.work, logID: setting.log.identity.id, clock: clock, options: serving
        ) { [hosts] in hosts.admit($0) }
        var options = ZeroMQBusOutlet.Options()
        options.security = security
        options.sendHighWater = Int32(clamping: setting.topology.bus.sendHighWater)
        let outlet = ZeroMQBusOutlet(thread: executors.work, options: options)
        let reporting = try SpanReporting(setting, executors)
        try await withCleanup {
            try await reporting.run { try await serve(server, outlet, executors, clock, reporting.recorder) }
        } cleanup: {
            await server.stop()
            await outlet.stop()
        }
    }

    private func serve(
        _ server: CommandServer, _ outlet: ZeroMQBusOutlet, _ executors: ThreadExecutors, _ clock: ThreadClock,
        _ spans: SpanRecorder?
    ) async throws {
        let commands = try await server.start(at: setting.addresses.address(of: setting.name, .commands))
        let events = try await outlet.start(at: setting.addresses.address(of: setting.name, .events))
        setting.reporter.update { $0.endpoints = [commands, events] }
        setting.vault.onErasure { [hosts] in
            hosts.forgetAggregates()
            spans?.forgetReasons()
        }
        let pipelines = try await claim(commands, events, outlet, executors, clock, spans)
        setting.reporter.update {
            $0.ready = true
            $0.waitingFor = nil
        }
        try await work(pipelines, executors, clock) {
            server.counters.byName.merging(outlet.counters.refusals) { $0 + $1 }
        }
    }

    /// Claims every partition, one after the other: each claim is durable before anything is served.
    private func claim(
        _ commands: String, _ events: String, _ outlet: ZeroMQBusOutlet, _ executors: ThreadExecutors,
        _ clock: ThreadClock, _ spans: SpanRecorder?
    ) async throws -> [PartitionPipeline] {
        let kinds = AggregateKind.byCategory(setting.domain)
        var ids = UniqueIDs(random: SystemRandomPool())
        let incarnation: Incarnation = ids.next(at: clock.now)
        var pipelines: [PartitionPipeline] = []
        for partition in partitions {
            setting.reporter.update { $0.waitingFor = "partition \(partition) to open" }
            let claim = Claim(
                process: setting.name, incarnation: incarnation, commandEndpoint: commands, publishEndpoint: events,
                claimedAt: clock.now)
            // Before the claim, so that an older build does not take a partition from a newer one that can read it.
            let reader = try setting.log.reader(partition)
            do { try SchemaCheck.admit(reader, setting.codec.upcasters) } catch is EventLogError {
                // What cannot be read now is recovered by the claim, or refused by it.
            }
            let writer = try await setting.log.claim(partition, claim)
            try SchemaCheck.admit(reader, setting.codec.upcasters)
            setting.logger.info(
                "partition claimed",
                metadata: [
                    LogKey.partition.rawValue: "\(partition)", LogKey.epoch.rawValue: "\(writer.epoch)",
                    LogKey.head.rawValue: "\(writer.head)",
                ])
            let pipeline = try PartitionPipeline(
                writer: writer, log: setting.log, kinds: kinds, codec: setting.codec, ids: ids, endpoint: commands,
                outlet: outlet, clock: clock, executors: executors, snapshots: snapshots(of: partition), spans: spans,
                onDelay: { [logger = setting.logger] error in
                    logger.warning("archives wait", metadata: [LogKey.reason.rawValue: "\(error)"])
                })
            hosts.insert(pipeline.host)
            pipelines.append(pipeline)
        }
        return pipelines
    }

    /// nil when they cannot be kept: every stream is then folded from its first event.
    private func snapshots(of partition: PartitionID) -> SnapshotKeeping? {
        let warn = { @Sendable [logger = setting.logger] (error: any Error) in
            logger.warning(
                "snapshots cannot be kept",
                metadata: [LogKey.partition.rawValue: "\(partition)", LogKey.reason.rawValue: "\(error)"])
        }
        do {
            let path = SnapshotStore.path(in: setting.directory.snapshots, of: partition)
            // Readers of one opened log share a connection; making snapshots must not hold up loading.
            return SnapshotKeeping(
                store: try SnapshotStore(path: path, logID: setting.log.identity.id),
                reader: try SQLiteLog.open(at: setting.directory.log).reader(partition), onFailure: warn)
        } catch {
            warn(error)
            return nil
        }
    }

    /// Runs until told to stop, or until an ownership ends.
    private func work(
        _ pipelines: [PartitionPipeline], _ executors: ThreadExecutors, _ clock: ThreadClock,
        counting counters: @escaping @Sendable () -> [String: Int64]
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for pipeline in pipelines { group.addTask { try await pipeline.run() } }
            group.addTask(executorPreference: executors.tasks) { [hosts] in
                await setting.stop.wait()
                hosts.close()
            }
            group.addTask(executorPreference: executors.tasks) { await report(counters, clock) }
            group.addTask(executorPreference: executors.logTasks("claims")) {
                try await watchPartitions(pipelines, clock)
            }
            do {
                for _ in 0...pipelines.count { _ = try await group.next() }
            } catch {
                hosts.close()
                setting.stop.request()
                group.cancelAll()
                throw error
            }
            group.cancelAll()
        }
    }

    /// Looks now and then for what waits for the owner of a partition. And notices that somebody else claimed one although
    /// nobody sends it a command: a process that lost its partitions shall not look ready. The fence itself is in every
    /// append.
    private func watchPartitions(_ pipelines: [PartitionPipeline], _ clock: ThreadClock) async throws {
        while !Task.isCancelled {
            do { try await clock.sleep(for: .milliseconds(500)) } catch { return }
            for pipeline in pipelines {
                try checkClaim(pipeline.host.ownership)
                admitArchives(pipeline.host.ownership.partition)
                pipeline.tend()
            }
        }
    }

    /// Looks at archives that wait, here where no commit waits for it.
    private func admitArchives(_ partition: PartitionID) {
        do throws(EventLogError) {
            guard let log = setting.log as? SQLiteLog, try log.admitArchives(partition) else { return }
            setting.logger.info("archives taken over", metadata: [LogKey.partition.rawValue: "\(partition)"])
        } catch {
            // What a full disk keeps from being noted is noted the next time.
            setting.logger.warning("archives wait", metadata: [LogKey.reason.rawValue: "\(error)"])
        }
    }

    private func checkClaim(_ ownership: Ownership) throws {
        let newest: Claim?
        do throws(EventLogError) {
            newest = try setting.log.reader(ownership.partition).claim()
        } catch {
            // What cannot be read now says nothing about who owns it.
            return
        }
        guard let newest, newest.epoch > ownership.epoch else { return }
        throw EventLogError(
            .fenced,
            "partition \(ownership.partition) belongs to epoch \(newest.epoch) of \(newest.process) now, this was epoch "
                + "\(ownership.epoch): end the other process, then 'roost start \(setting.name)'")
    }

    /// Keeps the counters of `ps` fresh until cancelled.
    private func report(_ counters: @Sendable () -> [String: Int64], _ clock: ThreadClock) async {
        do {
            while true {
                let counters = counters()
                setting.reporter.update { $0.counters = counters }
                try await clock.sleep(for: .milliseconds(500))
            }
        } catch { return }
    }
}

/// The hosts of a process by partition. Commands for a partition that is still being opened wait for it.
private final class HostTable: Sendable {
    fileprivate struct State {
        var hosts: [PartitionID: PartitionHost] = [:]
        /// Commands for partitions that are still to be opened.
        var early: [PartitionID: [CommandDelivery]] = [:]
        var isClosed = false
    }

    /// Commands that wait for one partition to be opened.
    private static let earlyMax = 1024
    private let state: Mutex<State>

    init(opening partitions: [PartitionID]) {
        state = Mutex(State(early: Dictionary(uniqueKeysWithValues: partitions.map { ($0, []) })))
    }

    func insert(_ host: PartitionHost) {
        // Inside the lock, so that nothing overtakes what came early.
        state.withLock { state in
            state.hosts[host.ownership.partition] = host
            host.admit(state.early.removeValue(forKey: host.ownership.partition) ?? [])
        }
    }

    /// What is in memory is to be read anew.
    func forgetAggregates() {
        for host in state.withLock({ Array($0.hosts.values) }) { host.forgetAggregates() }
    }

    /// Closes every host; what waited for one that will not open is refused.
    func close() {
        let (hosts, early) = state.withLock { state in
            state.isClosed = true
            defer { state.early = [:] }
            return (Array(state.hosts.values), state.early.values.flatMap { $0 })
        }
        for host in hosts { host.inbox.close() }
        for delivery in early { refuse(delivery) }
    }

    /// Hands the commands of each partition over together, in their order.
    func admit(_ deliveries: [CommandDelivery]) {
        let byPartition = Dictionary(grouping: deliveries) { $0.request.partition }
        for (partition, share) in byPartition.sorted(by: { $0.key < $1.key }) {
            let (host, refused) = state.withLock { $0.take(share, of: partition, max: Self.earlyMax) }
            host?.admit(share)
            for delivery in refused { refuse(delivery) }
        }
    }

    private func refuse(_ delivery: CommandDelivery) {
        let partition = delivery.request.partition
        delivery.port.deliver([
            delivery.request.answer(
                .unavailable, code: "notOwner", reason: "partition \(partition) is not open in the process asked",
                next: "send it again with the same command ID; see who owns what: roost ps")
        ])
    }
}

extension HostTable.State {
    /// The host of a partition, or which commands cannot wait for it.
    fileprivate mutating func take(
        _ share: [CommandDelivery], of partition: PartitionID, max: Int
    ) -> (host: PartitionHost?, refused: [CommandDelivery]) {
        if let host = hosts[partition] { return (host, []) }
        guard !isClosed, let waiting = early[partition] else { return (nil, share) }
        let room = max - waiting.count
        early[partition]?.append(contentsOf: share.prefix(room))
        return (nil, Array(share.dropFirst(room)))
    }
}
