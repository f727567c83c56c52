import Logging
import RoostCluster
import RoostCore
import RoostLog
import RoostLogSQLite
import RoostNode

/// Claims partitions for one run of a writer, and makes what serves them.
struct PartitionOpener {
    let setting: ProcessSetting
    let executors: ThreadExecutors
    let clock: ThreadClock
    let outlet: ZeroMQBusOutlet
    let spans: SpanRecorder?
    let commandEndpoint: String
    let publishEndpoint: String
    private let kinds: [String: AggregateKind]
    private let ids: UniqueIDs
    private let incarnation: Incarnation

    init(
        _ setting: ProcessSetting, _ executors: ThreadExecutors, _ clock: ThreadClock, _ outlet: ZeroMQBusOutlet,
        _ spans: SpanRecorder?, commands: String, events: String
    ) {
        self.setting = setting
        self.executors = executors
        self.clock = clock
        self.outlet = outlet
        self.spans = spans
        commandEndpoint = commands
        publishEndpoint = events
        kinds = AggregateKind.byCategory(setting.domain)
        var ids = UniqueIDs(random: SystemRandomPool())
        incarnation = ids.next(at: clock.now)
        self.ids = ids
    }

    /// The claim is durable before anything is served under it.
    func open(_ partition: PartitionID) async throws -> PartitionPipeline {
        let writer = try await claim(partition)
        setting.logger.info(
            "partition claimed",
            metadata: [
                LogKey.partition.rawValue: "\(partition)", LogKey.epoch.rawValue: "\(writer.epoch)",
                LogKey.head.rawValue: "\(writer.head)",
            ])
        return try PartitionPipeline(
            writer: writer, log: setting.log, kinds: kinds, codec: setting.codec, ids: ids, endpoint: commandEndpoint,
            outlet: outlet, clock: clock, executors: executors, snapshots: snapshots(of: partition), spans: spans,
            onDelay: { [logger = setting.logger] error in
                logger.warning("archives wait", metadata: [LogKey.reason.rawValue: "\(error)"])
            })
    }

    private func claim(_ partition: PartitionID) async throws -> any PartitionWriter {
        let claim = Claim(
            process: setting.name, incarnation: incarnation, commandEndpoint: commandEndpoint,
            publishEndpoint: publishEndpoint, claimedAt: clock.now)
        // Before the claim, so that an older build does not take a partition from a newer one that can read it.
        let reader = try setting.log.reader(partition)
        do { try SchemaCheck.admit(reader, setting.codec.upcasters) } catch is EventLogError {
            // What cannot be read now is recovered by the claim, or refused by it.
        }
        let writer = try await setting.log.claim(partition, claim)
        try SchemaCheck.admit(reader, setting.codec.upcasters)
        return writer
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
}
