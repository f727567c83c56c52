import Foundation
import RoostArchive
package import RoostCluster
package import RoostCore
import RoostLog
import RoostLogSQLite
import RoostNode

/// Moves what was recorded before a time out of the files of a cluster's log into archives, from which it goes on being
/// read.
///
/// The owner of each partition lets go of its rows, and only after the archives were read back and compared with the log.
/// A cluster that does not run is owned for as long as that takes. Interrupted anywhere, the same call goes on.
package struct ClusterArchiver {
    /// How long an owner may take to answer.
    private static let patience = Duration.seconds(30)
    private static let pause = Duration.milliseconds(100)

    private let cluster: ClusterDirectory
    private let log: SQLiteLog
    private let places: ArchivePlaces
    private let now: () -> Timestamp
    /// Words for a person.
    private let report: (String) -> Void

    package init(
        _ cluster: ClusterDirectory, now: @escaping () -> Timestamp, report: @escaping (String) -> Void = { _ in }
    ) throws {
        self.cluster = cluster
        self.now = now
        self.report = report
        do throws(EventLogError) { log = try SQLiteLog.open(at: cluster.log) } catch { throw ClientError(error) }
        places = ArchivePlaces(directory: cluster.log)
    }

    /// `address` is an absolute path or an S3 address.
    package func archive(before time: Timestamp, to address: String) async throws -> ArchivedDocument {
        try Moment.refuseFuture(time, now: now())
        let place = try places.open(address)
        var archived: [ArchivedDocument.Partition] = []
        let isRunning = try Clusters.running(cluster) != nil
        for partition in log.identity.placement.partitions {
            try await finishPending(partition, isRunning: isRunning)
            guard let range = try LogArchiver(of: log).range(of: partition, before: time) else { continue }
            if archived.isEmpty { try writeStatements(place, before: time) }
            let entries = try write(range, to: place)
            if isRunning { try await handOver(range) } else { try await carryOut(range.partition) }
            archived.append(.init(range, entries, rowsLeft: try rowsLeft(range)))
        }
        return ArchivedDocument(
            cluster: cluster.name, before: time, place: place.address, partitions: archived,
            bytesFreed: isRunning ? nil : try compact())
    }

    /// What `archive` would do.
    package func plan(before time: Timestamp, to address: String) throws -> ArchivedDocument {
        try Moment.refuseFuture(time, now: now())
        let ranges = try log.identity.placement.partitions.compactMap {
            try LogArchiver(of: log).range(of: $0, before: time)
        }
        return ArchivedDocument(
            cluster: cluster.name, before: time, place: try places.open(address).address,
            partitions: ranges.map { .init($0, [], rowsLeft: $0.events) }, bytesFreed: nil)
    }

    /// Every archive that the log reads.
    package func list() throws -> ArchivesDocument {
        let partitions = log.identity.placement.partitions
        return ArchivesDocument(
            cluster: cluster.name,
            archives: try partitions.flatMap { partition in
                try LogArchiver(of: log).entries(of: partition).map { entry in
                    .init(partition, entry, place: try places.place(at: entry.place).address)
                }
            })
    }

    /// Notes that what was archived at one address is at another now, once every file of it was found there as it was.
    package func move(_ old: String, to new: String) throws -> MovedDocument {
        let place = try places.open(new)
        let archiver = LogArchiver(of: log)
        let moved = try log.identity.placement.partitions.flatMap { partition in
            try archiver.entries(of: partition).filter { $0.place == old }.map { (partition, $0) }
        }
        guard !moved.isEmpty else {
            throw ClientError(
                .notFound, code: "noArchive", "nothing of this log was archived to \(old)", hint: "roost archive list")
        }
        for (partition, entry) in moved {
            report("checking \(entry.name)")
            try archiver.check(entry, of: partition, in: place)
        }
        try places.move(old, to: place)
        return MovedDocument(cluster: cluster.name, from: old, to: place.address, archives: moved.count)
    }

    /// What an interrupted call has left for the owner comes first.
    private func finishPending(_ partition: PartitionID, isRunning: Bool) async throws {
        let archiver = LogArchiver(of: log)
        guard try archiver.isPending(partition) else { return }
        guard isRunning else { return try await carryOut(partition) }
        let clock = ContinuousClock()
        let deadline = clock.now + Self.patience
        while try archiver.isPending(partition) {
            guard clock.now < deadline else { throw ownerSilent(partition) }
            try await Task.sleep(for: Self.pause)
        }
    }

    private func write(_ range: LogArchiver.Range, to place: any ArchivePlace) throws -> [ArchiveEntry] {
        let entries = try LogArchiver(of: log).write(range, to: place) { position in
            let share = Int(100 * (position.rawValue - range.first.rawValue + 1) / range.events)
            report("partition \(range.partition): \(share) % of \(range.events) events archived and verified")
        } stored: {
            Failpoint.afterArchiveStored.reach()
        }
        Failpoint.beforeArchiveOrder.reach()
        try LogArchiver(of: log).order(entries, range)
        Failpoint.afterArchiveOrder.reach()
        return entries
    }

    /// Waits for the process that owns the partition.
    private func handOver(_ range: LogArchiver.Range) async throws {
        let clock = ContinuousClock()
        var deadline = clock.now + Self.patience
        var seen = LogArchiver.Progress.waiting
        while true {
            let progress = try LogArchiver(of: log).progress(of: range)
            switch progress {
            case .taken(rowsLeft: 0): return
            case .refused(let reason):
                throw ClientError(
                    .negative, code: "archiveRefused", "the owner of partition \(range.partition) refused: \(reason)",
                    hint: "roost log verify, then archive again")
            case .taken(let rows): report("partition \(range.partition): \(rows) rows are still to go")
            case .waiting: report("partition \(range.partition): waiting for its owner")
            }
            if progress != seen { (seen, deadline) = (progress, clock.now + Self.patience) }
            guard clock.now < deadline else { throw ownerSilent(range.partition) }
            try await Task.sleep(for: Self.pause)
        }
    }

    private func ownerSilent(_ partition: PartitionID) -> ClientError {
        ClientError(
            .notReady, code: "ownerSilent",
            "the archives of partition \(partition) are complete, but its owner has not taken them over; it will when it "
                + "can, and nothing is lost",
            hint: "roost ps --cluster \(cluster.name), and roost logs for the process that owns it")
    }

    private func carryOut(_ partition: PartitionID) async throws {
        let time = now()
        try await ClusterCommands.whileStopped(cluster) {
            var ids = UniqueIDs(random: SystemRandomPool())
            let claim = Claim(
                process: "archive", incarnation: ids.next(at: time), commandEndpoint: "", publishEndpoint: "",
                claimedAt: time)
            try await LogArchiver(of: log).carryOut(partition, as: claim)
        }
    }

    /// What earlier calls have left free counts too.
    private func compact() throws -> UInt64 {
        try ClusterCommands.whileStopped(cluster) {
            try log.identity.placement.partitions.reduce(0) { bytes, partition in
                report("partition \(partition): giving space back")
                return try bytes + LogArchiver(of: log).compact(partition)
            }
        }
    }

    private func rowsLeft(_ range: LogArchiver.Range) throws -> UInt64 {
        if case .taken(let rows) = try LogArchiver(of: log).progress(of: range) { rows } else { range.events }
    }

    /// For those who want to look at archives without Roost.
    private func writeStatements(_ place: any ArchivePlace, before time: Timestamp) throws {
        let location = place.location
        let count = Int(log.identity.placement.partitionCount)
        let since =
            try log.identity.placement.partitions.compactMap {
                try log.reader($0).commit(holding: Position(1))?.recorded
            }.min() ?? time
        try place.write(Array(ArchiveSQL.duckDB(location).utf8), to: ArchiveSQL.fileNames.duckDB)
        try place.write(
            Array(ArchiveSQL.athena(location, partitions: count, since: since).utf8),
            to: ArchiveSQL.fileNames.athena)
    }
}
