import RoostCluster
import RoostCore
import RoostLog
import RoostNode
import RoostZeroMQ
import Synchronization

/// Owns partitions: takes commands, hosts aggregates, appends and publishes.
struct WriterRole {
    /// Beyond it more threads only take the processors from each other.
    private static let logThreadsMax = 8

    private let setting: ProcessSetting
    private let partitions: [PartitionID]
    private let hosts = HostTable()

    init(_ setting: ProcessSetting, partitions: [PartitionID]) {
        self.setting = setting
        self.partitions = partitions
    }

    func run() async throws {
        let executors = ThreadExecutors(name: setting.name, logThreads: min(partitions.count, Self.logThreadsMax))
        defer { executors.shutdown() }
        let clock = ThreadClock(thread: executors.work)
        let server = CommandServer(thread: executors.work, logID: setting.log.identity.id, clock: clock) {
            [hosts] in hosts.admit($0)
        }
        var options = ZeroMQBusOutlet.Options()
        options.sendHighWater = Int32(clamping: setting.topology.bus.sendHighWater)
        let outlet = ZeroMQBusOutlet(thread: executors.work, options: options)
        try await withCleanup {
            try await serve(server, outlet, executors, clock)
        } cleanup: {
            await server.stop()
            await outlet.stop()
        }
    }

    private func serve(
        _ server: CommandServer, _ outlet: ZeroMQBusOutlet, _ executors: ThreadExecutors, _ clock: ThreadClock
    ) async throws {
        let commands = try await server.start(at: setting.directory.address(of: setting.name, "commands"))
        let events = try await outlet.start(at: setting.directory.address(of: setting.name, "events"))
        setting.reporter.update { $0.endpoints = [commands, events] }
        let pipelines = try await claim(commands, events, outlet, executors, clock)
        setting.reporter.update {
            $0.ready = true
            $0.waitingFor = nil
        }
        try await work(pipelines, server, executors, clock)
    }

    /// Claims every partition, one after the other: each claim is durable before anything is served.
    private func claim(
        _ commands: String, _ events: String, _ outlet: ZeroMQBusOutlet, _ executors: ThreadExecutors,
        _ clock: ThreadClock
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
            let writer = try await setting.log.claim(partition, claim)
            let pipeline = try PartitionPipeline(
                writer: writer, log: setting.log, kinds: kinds, codec: .json, ids: ids, endpoint: commands,
                outlet: outlet, clock: clock, executors: executors)
            hosts.insert(pipeline.host)
            pipelines.append(pipeline)
        }
        return pipelines
    }

    /// Runs until told to stop, or until an ownership ends.
    private func work(
        _ pipelines: [PartitionPipeline], _ server: CommandServer, _ executors: ThreadExecutors, _ clock: ThreadClock
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for pipeline in pipelines { group.addTask { try await pipeline.run() } }
            group.addTask(executorPreference: executors.tasks) { [hosts] in
                await setting.stop.wait()
                hosts.close()
            }
            group.addTask(executorPreference: executors.tasks) { await report(server, clock) }
            group.addTask(executorPreference: executors.logTasks("claims")) { try await watchClaims(pipelines, clock) }
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

    /// Notices that somebody else claimed a partition although nobody sends it a command: a process that lost its
    /// partitions shall not look ready. The fence itself is in every append.
    private func watchClaims(_ pipelines: [PartitionPipeline], _ clock: ThreadClock) async throws {
        while !Task.isCancelled {
            do { try await clock.sleep(for: .milliseconds(500)) } catch { return }
            for pipeline in pipelines { try checkClaim(pipeline.host.ownership) }
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
    private func report(_ server: CommandServer, _ clock: ThreadClock) async {
        do {
            while true {
                let counters = server.counters
                setting.reporter.update { $0.counters = counters.byName }
                try await clock.sleep(for: .milliseconds(500))
            }
        } catch { return }
    }
}

/// The hosts of a process by partition.
private final class HostTable: Sendable {
    private let hosts = Mutex<[PartitionID: PartitionHost]>([:])

    func insert(_ host: PartitionHost) { hosts.withLock { $0[host.ownership.partition] = host } }

    func close() { for host in hosts.withLock({ Array($0.values) }) { host.inbox.close() } }

    /// Hands the commands of each partition over together, in their order.
    func admit(_ deliveries: [CommandDelivery]) {
        let hosts = hosts.withLock { $0 }
        let shares = Dictionary(grouping: deliveries) { $0.request.partition }
        for (partition, share) in shares.sorted(by: { $0.key < $1.key }) {
            if let host = hosts[partition] {
                host.admit(share)
            } else {
                for delivery in share { refuse(delivery) }
            }
        }
    }

    private func refuse(_ delivery: CommandDelivery) {
        delivery.port.deliver([
            delivery.request.answer(
                .unavailable, code: "notOwner",
                reason: "partition \(delivery.request.partition) is not open in this process",
                next: "send it again; see who owns it: roost ps")
        ])
    }
}
