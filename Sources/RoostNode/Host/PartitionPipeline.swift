package import RoostCore
package import RoostLog

/// The actors that make one owned partition work, and the queues between them.
package struct PartitionPipeline: Sendable {
    package let host: PartitionHost
    private let log: LogWriter
    private let queue: CommitQueue
    private let publisher: Publisher
    private let snapshotter: Snapshotter?
    private let executors: any NodeExecutors
    private let heartbeat: Duration

    /// `writer` is this pipeline's from here on.
    package init(
        writer: any PartitionWriter, log: any EventLog, kinds: [String: AggregateKind], codec: PayloadCodec,
        ids: UniqueIDs, endpoint: String, outlet: any BusOutlet, clock: any NodeClock, executors: any NodeExecutors,
        snapshots: SnapshotKeeping? = nil, spans: SpanRecorder? = nil, heartbeat: Duration = .milliseconds(200),
        onDelay: @escaping @Sendable (EventLogError) -> Void = { _ in }
    ) throws {
        let reader = try log.reader(writer.partition)
        queue = CommitQueue()
        let settled = Mailbox<SettledCommit>(capacity: 16)
        let mark = SettledMark()
        let ownership = Ownership(
            log: log.identity, partition: writer.partition, epoch: writer.epoch, endpoint: endpoint)
        host = PartitionHost(
            ownership, kinds: kinds, reader: reader, queue: queue, settled: mark,
            tools: DecisionTools(codec: codec, ids: ids, snapshots: snapshots?.store, spans: spans), clock: clock,
            executors: executors)
        self.log = LogWriter(
            writer: writer, reader: try log.reader(writer.partition), queue: queue, settled: settled, clock: clock,
            lane: executors.logLane(Self.logName(writer.partition)), keys: codec.keys, spans: spans,
            onDelay: onDelay)
        let snapshotter = snapshots.map {
            Snapshotter(
                store: $0.store, reader: $0.reader, kinds: kinds, codec: codec, clock: clock,
                lane: executors.asideLane("snapshots-\(writer.partition)"), onFailure: $0.onFailure)
        }
        self.snapshotter = snapshotter
        publisher = Publisher(
            ownership, newest: writer.head, settled: settled, mark: mark, outlet: outlet, clock: clock,
            lane: executors.lane("publisher-\(writer.partition)")
        ) { snapshotter?.offer($0) }
        self.executors = executors
        self.heartbeat = heartbeat
    }

    private static func logName(_ partition: PartitionID) -> String { "log-\(partition)" }

    /// Lets the writer do what no commit waits for.
    package func tend() { queue.tend() }

    /// Runs until the host's inbox is closed and everything in it is answered; throws what ended the ownership.
    package func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask(executorPreference: executors.tasks) {
                do { try await publisher.heartbeat(every: heartbeat) } catch is CancellationError {}
            }
            try await withThrowingTaskGroup(of: Void.self) { work in
                work.addTask(executorPreference: executors.tasks) { await host.run() }
                work.addTask(executorPreference: executors.tasks) {
                    await publisher.run()
                    snapshotter?.close()
                }
                if let snapshotter {
                    work.addTask(executorPreference: executors.asideTasks) { await snapshotter.run() }
                }
                work.addTask(executorPreference: executors.logTasks(Self.logName(host.ownership.partition))) {
                    try await log.run()
                }
                do {
                    while try await work.next() != nil {}
                } catch {
                    host.inbox.close()
                    throw error
                }
            }
            group.cancelAll()
            try await group.waitForAll()
        }
    }
}
