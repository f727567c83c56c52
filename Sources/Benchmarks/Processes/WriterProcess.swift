import Foundation
import RoostCore
import RoostLog
import RoostLogSQLite
import RoostNode
import RoostZeroMQ

/// One process that makes a log and owns all its partitions: command socket, hosts, log writers and bus socket, as in a cluster.
enum WriterProcess {
    static func run(_ site: Site, partitions: UInt32) async throws {
        let executors = ThreadExecutors(name: "writer", partitions: Int(partitions))
        let clock = ThreadClock(thread: executors.work)
        let log = try site.createLog(partitions: partitions)
        let outlet = ZeroMQBusOutlet(thread: executors.work)
        _ = try await outlet.start(at: site.publishEndpoint)
        let pipelines = try await pipelines(site, log, executors, clock, outlet)
        let hosts = pipelines.map(\.host)
        let server = CommandServer(thread: executors.work, logID: log.identity.id, clock: clock) { deliveries in
            distribute(deliveries, hosts)
        }
        _ = try await server.start(at: site.commandEndpoint)
        Thread.detachNewThread {
            Child.waitForEnd()
            for host in hosts { host.inbox.close() }
        }
        Child.say("ready")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for pipeline in pipelines {
                group.addTask(executorPreference: executors.tasks) { try await pipeline.run() }
            }
            try await group.waitForAll()
        }
        await server.stop()
        await outlet.stop()
        executors.shutdown()
    }

    private static func pipelines(
        _ site: Site, _ log: SQLiteLog, _ executors: ThreadExecutors, _ clock: ThreadClock, _ outlet: ZeroMQBusOutlet
    ) async throws -> [PartitionPipeline] {
        let kinds = [Parcel.category: AggregateKind(Parcel.self)]
        let ids = UniqueIDs(random: SystemRandomPool())
        // As in a cluster, though nobody takes what it takes down.
        let spans = SpanRecorder(
            process: "writer", incarnation: Incarnation(bits: 1), logID: log.identity.id, clock: clock)
        var pipelines: [PartitionPipeline] = []
        for partition in log.identity.placement.partitions {
            let writer = try await log.claim(partition, site.claim("writer", at: clock.now))
            pipelines.append(
                try PartitionPipeline(
                    writer: writer, log: log, kinds: kinds, codec: .json,
                    ids: ids, endpoint: site.commandEndpoint,
                    outlet: outlet, clock: clock, executors: executors, spans: spans))
        }
        return pipelines
    }

    /// Partitions are numbered from 0, as are `hosts`.
    private static func distribute(_ deliveries: [CommandDelivery], _ hosts: [PartitionHost]) {
        guard hosts.count > 1 else { return hosts[0].admit(deliveries) }
        var shares = Array(repeating: [CommandDelivery](), count: hosts.count)
        for delivery in deliveries { shares[Int(delivery.request.partition.rawValue)].append(delivery) }
        for (host, share) in zip(hosts, shares) where !share.isEmpty { host.admit(share) }
    }
}
