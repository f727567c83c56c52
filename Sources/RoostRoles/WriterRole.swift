import Logging
import RoostCluster
import RoostCore
import RoostLog
import RoostLogSQLite
import RoostNode
import RoostVault
import RoostZeroMQ
import Synchronization

/// Owns the partitions that the supervisor says: takes commands, hosts aggregates, appends and publishes.
struct WriterRole {
    private let setting: ProcessSetting
    private let process: TopologyProcess
    private let open: OpenPartitions
    /// Commits that were refused because the partition had another owner.
    private let fenced = Counter()
    private let worked = Moment()

    init(_ setting: ProcessSetting, _ instance: ProcessInstance) {
        self.setting = setting
        process = instance.process
        open = OpenPartitions { [log = setting.log] partition in
            do throws(EventLogError) {
                return try log.reader(partition).claim().map {
                    CommandAnswer.Route(epoch: $0.epoch, endpoint: $0.commandEndpoint)
                }
            } catch {
                return nil
            }
        }
    }

    func run() async throws {
        let executors = ThreadExecutors(name: setting.name, partitions: process.partitions.count)
        defer { executors.shutdown() }
        let clock = ThreadClock(thread: executors.work)
        let security = try ClusterKeys.server(setting.directory, setting.topology)
        var serving = CommandServer.Options()
        serving.security = security
        let server = CommandServer(
            thread: executors.work, logID: setting.log.identity.id, clock: clock, options: serving
        ) { [open] in open.admit($0) }
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
        let addresses = setting.addresses
        _ = try await server.start(at: addresses.boundAddress(of: setting.name, .commands))
        _ = try await outlet.start(at: addresses.boundAddress(of: setting.name, .events))
        let (commands, events) = try (
            addresses.address(of: setting.name, .commands), addresses.address(of: setting.name, .events)
        )
        setting.reporter.update {
            $0.endpoints = [commands, events]
            $0.waitingFor = "its first orders"
        }
        setting.vault.onErasure { [open] in
            open.forgetAggregates()
            spans?.forgetReasons()
        }
        let opener = PartitionOpener(setting, executors, clock, outlet, spans, commands: commands, events: events)
        try await work(opener) {
            server.counters.byName.merging(outlet.counters.published) { $0 + $1 }
                .merging(["refused.fenced": fenced.value]) { $1 }
        }
    }

    /// Runs until told to stop, or until an ownership ends that nobody took away.
    private func work(
        _ opener: PartitionOpener, counting counters: @escaping @Sendable () -> [String: Int64]
    ) async throws {
        let (executors, clock) = (opener.executors, opener.clock)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await followOrders(opener) }
            group.addTask(executorPreference: executors.tasks) { await report(counters, clock) }
            if let failover = process.failover { group.addTask { await beat(failover) } }
            group.addTask(executorPreference: executors.logTasks("claims")) { try await watchPartitions(clock) }
            defer {
                open.close()
                setting.stop.request()
                group.cancelAll()
            }
            _ = try await group.next()
        }
    }

    // MARK: - Orders

    private func followOrders(_ opener: PartitionOpener) async throws {
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask(executorPreference: opener.executors.tasks) {
                await setting.stop.wait()
                setting.orders.end()
            }
            defer { open.close() }
            for await _ in setting.orders.changes {
                let wanted = setting.orders.newest
                await letGo(ofAllBut: wanted.partitions)
                open.expect(wanted.partitions)
                var isComplete = true
                for partition in wanted.partitions.sorted() where !open.partitions.contains(partition) {
                    guard let entry = try await take(partition, opener) else {
                        isComplete = false
                        continue
                    }
                    group.addTask { try await run(entry) }
                    reportPartitions()
                }
                if isComplete {
                    reportDone(wanted)
                } else {
                    group.addTask(executorPreference: opener.executors.tasks) { await lookAgain(opener.clock) }
                }
            }
        }
    }

    /// nil while somebody else holds the file: it is tried again, and what else is wanted does not wait for it.
    private func take(_ partition: PartitionID, _ opener: PartitionOpener) async throws -> OpenPartitions.Entry? {
        setting.reporter.update {
            $0.ready = false
            $0.waitingFor = $0.waitingFor ?? "partition \(partition) to open"
        }
        do {
            return open.insert(try await opener.open(partition))
        } catch let error as EventLogError where error.code == .unavailable {
            setting.reporter.update { $0.waitingFor = "partition \(partition) to open: \(error)" }
            return nil
        }
    }

    private func lookAgain(_ clock: ThreadClock) async {
        do { try await clock.sleep(for: .milliseconds(100)) } catch { return }
        setting.orders.lookAgain()
    }

    private func reportDone(_ order: ProcessOrders.Wanted) {
        let partitions = open.partitions.map(\.rawValue)
        setting.reporter.update {
            $0.ready = true
            $0.waitingFor = nil
            $0.partitions = partitions
            $0.order = order.number
        }
    }

    /// Returns when everything they accepted is answered.
    private func letGo(ofAllBut wanted: Set<PartitionID>) async {
        for partition in open.partitions where !wanted.contains(partition) {
            guard let entry = open.remove(partition) else { continue }
            await entry.ended.wait()
            setting.logger.info("partition let go", metadata: [LogKey.partition.rawValue: "\(partition)"])
        }
        reportPartitions()
    }

    private func run(_ entry: OpenPartitions.Entry) async throws {
        defer { entry.ended.request() }
        do {
            try await entry.pipeline.run()
        } catch let error as EventLogError where error.code == .fenced {
            setting.logger.warning(
                "commands of a lost partition were refused", metadata: [LogKey.reason.rawValue: "\(error)"])
            fenced.add()
            // At once: the process may end by it.
            setting.reporter.update { $0.counters["refused.fenced"] = fenced.value }
            guard await isTakenAway(entry.pipeline.host.ownership.partition) else {
                setting.stop.request()
                throw error
            }
        } catch {
            setting.stop.request()
            throw error
        }
    }

    /// Whether the supervisor gave the partition to somebody else. A process that stood still reads that order a little later.
    private func isTakenAway(_ partition: PartitionID) async -> Bool {
        for _ in 0..<100 where setting.orders.partitions.contains(partition) {
            do { try await Task.sleep(for: .milliseconds(50)) } catch { break }
        }
        return !setting.orders.partitions.contains(partition)
    }

    private func reportPartitions() {
        let partitions = open.partitions.map(\.rawValue)
        setting.reporter.update { $0.partitions = partitions }
    }

    // MARK: - Watching

    /// Looks now and then for what waits for the owner of a partition. And notices that somebody else claimed one although
    /// nobody sends it a command: a process that lost its partitions shall not look ready. The fence itself is in every
    /// append.
    private func watchPartitions(_ clock: ThreadClock) async throws {
        while !Task.isCancelled {
            do { try await clock.sleep(for: .milliseconds(500)) } catch { return }
            for pipeline in open.pipelines {
                try await checkClaim(pipeline.host.ownership)
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

    private func checkClaim(_ ownership: Ownership) async throws {
        let newest: Claim?
        do throws(EventLogError) {
            newest = try setting.log.reader(ownership.partition).claim()
        } catch {
            // What cannot be read now says nothing about who owns it.
            return
        }
        guard let newest, newest.epoch > ownership.epoch, !(await isTakenAway(ownership.partition)) else { return }
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
                worked.store(ContinuousClock.now)
                setting.reporter.update { $0.counters = counters }
                try await clock.sleep(for: .milliseconds(500))
            }
        } catch { return }
    }

    /// Says that the process lives, on a thread that does nothing else: one that is busy is not lost. The thread that does the
    /// work has much longer.
    private func beat(_ failover: FailoverPolicy) async {
        do {
            while true {
                if ContinuousClock.now - worked.value < failover.stalledAfter * Self.busyFactor {
                    setting.reporter.update { $0.beat += 1 }
                }
                try await Task.sleep(for: failover.stalledAfter / 5)
            }
        } catch { return }
    }

    /// How many times longer than a process the thread of its work may stand still.
    private static let busyFactor = 10
}

/// When the thread of the work was heard of last.
private final class Moment: Sendable {
    private let moment = Mutex(ContinuousClock.now)
    var value: ContinuousClock.Instant { moment.withLock { $0 } }
    func store(_ now: ContinuousClock.Instant) { moment.withLock { $0 = now } }
}
