import Foundation
import RoostCluster
import RoostCore
import RoostLog
package import RoostNode
import RoostZeroMQ

/// Makes one projection again beside the live one and ends: the process `NAME@rebuild`. As `NAME@remake` it says nothing of rows:
/// what was readable in them may be erased by now.
///
/// Its last line on the status channel is the result.
struct RebuildRole {
    private enum Task: String, CaseIterable { case rebuild = "@rebuild", remake = "@remake" }

    private let setting: ProcessSetting
    private let projection: String
    private let task: Task

    /// nil unless the process is a rebuild.
    init?(_ setting: ProcessSetting) {
        guard let task = Task.allCases.first(where: { setting.name.hasSuffix($0.rawValue) }) else { return nil }
        self.setting = setting
        self.task = task
        projection = String(setting.name.dropLast(task.rawValue.count))
    }

    /// For tests and drills: a small log has several batches, too.
    static var batchEvents: Int? {
        ProcessInfo.processInfo.environment["ROOST_REBUILD_BATCH"].flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
    }

    func run() async throws {
        let executors = ThreadExecutors(name: setting.name)
        defer { executors.shutdown() }
        let client = try replayClient(executors)
        try await withCleanup {
            try await client?.start()
            try await carryOut(from: try client ?? LogPageSource(try setting.readers()), executors)
        } cleanup: {
            await client?.stop()
        }
    }

    private func carryOut(from source: any PageSource, _ executors: ThreadExecutors) async throws {
        let rebuilder = Rebuilder(
            try setting.projection(projection), files: setting.projectionFiles(of: projection),
            log: setting.log.identity, readers: try setting.readers(), source: source, codec: setting.codec,
            build: try BuildID.current(), explains: task == .rebuild,
            parking: setting.parking(of: projection, ThreadClock(thread: executors.work)),
            transactionMax: setting.rebuildRate.map { min(max(1, $0 / 4), Self.batchEvents ?? .max) }
                ?? Self.batchEvents,
            pace: RebuildPace(setting.rebuildRate, ThreadClock(thread: executors.work)).pause)
        setting.reporter.update { $0.ready = true }
        try await rebuild(rebuilder, executors)
    }

    private func rebuild(_ rebuilder: Rebuilder, _ executors: ThreadExecutors) async throws {
        let clock = ThreadClock(thread: executors.work)
        let start = clock.now
        let result = try await rebuilder.run(report: progress)
        let duration = clock.now - start
        setting.reporter.send(
            line: RebuildResult(
                projection: projection, events: result.events, seconds: duration / .seconds(1),
                verdict: result.isEqual ? .equal : .different, root: Hexadecimal.text(result.root),
                liveRoot: Hexadecimal.text(result.liveRoot), isFullTextWhole: result.isFullTextWhole,
                revision: try setting.projection(projection).revision,
                build: try BuildID.current(),
                partitions: setting.log.identity.placement.partitions.map { partition in
                    let progress = result.progress[partition] ?? Progress()
                    return RebuildResult.Partition(
                        partition: partition.rawValue, position: progress.position.rawValue,
                        digest: Hexadecimal.text(progress.digest))
                }, tables: result.tables.map(RebuildResult.Table.init),
                liveTables: result.liveTables.map(RebuildResult.Table.init),
                setAside: result.setAside.map(RebuildResult.Table.init),
                liveSetAside: result.liveSetAside.map(RebuildResult.Table.init),
                differences: result.explanation.rows.map(RowDifferenceDocument.init),
                partings: result.explanation.partings.map(PartingDocument.init),
                isResumed: result.isResumed, memory: result.memory))
    }

    @Sendable
    private func progress(_ done: UInt64, _ total: UInt64) {
        setting.reporter.update {
            $0.progress = "\(done) of \(total) events"
            $0.counters = ["done": Int64(done), "total": Int64(total)]
        }
    }

    /// Of the topology's replay node; nil when there is none: then the log itself is read.
    private func replayClient(_ executors: ThreadExecutors) throws -> ReplayClient? {
        guard let replay = setting.topology.instances.first(where: { $0.role == .replay }) else { return nil }
        return ReplayClient(
            thread: executors.work, logID: setting.log.identity.id,
            endpoint: try setting.addresses.address(of: replay.name, .replay),
            security: try ClusterKeys.client(projection, setting.directory, setting.topology))
    }
}

/// The last line of a rebuild: what it found.
public struct RebuildResult: Codable, Hashable, Sendable {
    /// Whether the rebuilt rows are those of the live projection.
    public enum Verdict: String, Codable, Hashable, Sendable { case equal, different }

    /// Another number means another shape.
    public var schema = "roost.rebuild-result/1"
    /// The name of the projection.
    public let projection: String
    /// Events of the log it went through.
    public let events: UInt64
    /// How long the rebuild took.
    public let seconds: Double
    /// Whether both roots are equal.
    public let verdict: Verdict
    /// Root of the digest over the rebuilt rows, hexadecimal.
    public let root: String
    /// The same over the live rows.
    public let liveRoot: String
    /// The live full-text indexes match their content.
    public let isFullTextWhole: Bool
    /// The revision of the projection that made it again.
    public let revision: Int
    /// SHA-256 of the executable that made it again.
    public let build: String
    /// Where both stood when they were compared.
    public let partitions: [Partition]
    /// The tables that were compared, rebuilt.
    public let tables: [Table]
    /// The same tables, live.
    public let liveTables: [Table]
    /// The events that the rebuild has parked and discarded, as `roost_parked` and `roost_discarded`; none where there are none.
    public let setAside: [Table]
    /// The same of the live projection.
    public let liveSetAside: [Table]
    /// The first rows that differ.
    package let differences: [RowDifferenceDocument]
    /// Where the two part.
    package let partings: [PartingDocument]
    /// It has gone on with what an interrupted one had left.
    public let isResumed: Bool
    /// Bytes of memory that the process had at most.
    public let memory: UInt64

    /// Where a partition was read up to, and the digest of the log up to there.
    public struct Partition: Codable, Hashable, Sendable {
        /// From 0.
        public let partition: UInt32
        /// The last event that is in it.
        public let position: UInt64
        /// Of the commit that holds that event, hexadecimal.
        public let digest: String
    }

    /// What one table holds.
    public struct Table: Codable, Hashable, Sendable {
        /// As it is declared.
        public let name: String
        /// How many there are.
        public let rows: UInt64
        /// Of the digest over them, hexadecimal.
        public let root: String

        init(_ table: TableRoot) {
            name = table.name
            rows = table.rows
            root = Hexadecimal.text(table.root)
        }
    }
}
