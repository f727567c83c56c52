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
        let place = try open(address)
        let lock = try exclusively()
        defer { withExtendedLifetime(lock) {} }
        try noteArchives(in: place)
        var ordered: [(range: LogArchiver.Range, entries: [ArchiveEntry])] = []
        for partition in log.identity.placement.partitions {
            try await finishPending(partition)
            try clean(partition)
            guard let range = try LogArchiver(of: log).range(of: partition, before: time) else { continue }
            if ordered.isEmpty { try prepare(place, before: time) }
            ordered.append((range, try write(range, to: place)))
        }
        for (range, entries) in ordered { try await handOver(range, entries) }
        for (range, _) in ordered { try clean(range.partition) }
        try noteArchives(in: place)
        let space = try isRunning ? nil : compact()
        return ArchivedDocument(
            cluster: cluster.name, before: time, place: place.address,
            partitions: ordered.map { .init($0.range, $0.entries) }, space: space)
    }

    /// What `archive` would do.
    package func plan(before time: Timestamp, to address: String) throws -> ArchivedDocument {
        try Moment.refuseFuture(time, now: now())
        let place = try open(address)
        _ = try mark(of: place)
        let ranges = try log.identity.placement.partitions.compactMap {
            try LogArchiver(of: log).range(of: $0, before: time)
        }
        return ArchivedDocument(
            cluster: cluster.name, before: time, place: place.address, partitions: ranges.map { .init($0, []) },
            space: nil)
    }

    /// Every archive that the log reads.
    package func list() throws -> ArchivesDocument {
        ArchivesDocument(
            cluster: cluster.name,
            archives: try all().map { partition, entry in
                ArchivesDocument.Archive(partition, entry, place: try places.current(entry.place))
            })
    }

    /// Notes that what was archived at one address is at another now, once every file of it was found there as it was.
    package func move(_ old: String, to new: String) throws -> MovedDocument {
        let place = try outside(places.open(new))
        let old = try places.normal(old)
        let lock = try exclusively()
        defer { withExtendedLifetime(lock) {} }
        let moved = try all().filter { try $0.entry.place == old || places.current($0.entry.place) == old }
        guard !moved.isEmpty else {
            throw ClientError(
                .notFound, code: "noArchive", "nothing of this log was archived to \(old)", hint: "roost archive list")
        }
        for (partition, entry) in moved {
            report("checking \(entry.name)")
            try LogArchiver(of: log).check(entry, of: partition, in: place)
        }
        try places.move(Set(moved.map(\.entry.place)), to: place)
        try writeStatements(place, before: now())
        return MovedDocument(cluster: cluster.name, from: old, to: place.address, archives: moved.count)
    }

    private func all() throws -> [(partition: PartitionID, entry: ArchiveEntry)] {
        try log.identity.placement.partitions.flatMap { partition in
            try LogArchiver(of: log).entries(of: partition).map { (partition, $0) }
        }
    }

    private var isRunning: Bool { get throws { try Clusters.running(cluster) != nil } }

    /// Archives that were moved are not looked for where they were.
    private func open(_ address: String) throws -> any ArchivePlace {
        let place = try outside(places.open(address))
        let current = try places.current(place.address)
        guard current != place.address else { return place }
        throw ClientError(
            .usage, code: "movedPlace", "what was archived to \(place.address) is in \(current) now",
            hint: "archive to \(current), or to a place that is new")
    }

    /// What is inside the cluster's directory goes aside with it.
    private func outside(_ place: any ArchivePlace) throws -> any ArchivePlace {
        let inside = URL(fileURLWithPath: cluster.path).resolvingSymlinksInPath().path + "/"
        let path = URL(fileURLWithPath: place.address).resolvingSymlinksInPath().path + "/"
        guard place.address.hasPrefix("/"), path.hasPrefix(inside) else { return place }
        throw ClientError(
            .usage, code: "placeInside",
            "\(place.address) is inside the directory of the cluster, which a restore replaces",
            hint: "name a directory outside of \(cluster.path)")
    }

    /// Two calls at once would not know of each other's files.
    private func exclusively() throws -> ClusterLock {
        if let lock = try ClusterLock.take(at: cluster.archiveLockFile) { return lock }
        throw ClientError(
            .runState, code: "archivingAlready", "another 'roost archive' works on '\(cluster.name)'",
            hint: "wait for it to end")
    }

    /// What an interrupted call has left for the owner comes first.
    private func finishPending(_ partition: PartitionID) async throws {
        let archiver = LogArchiver(of: log)
        guard try archiver.isPending(partition) else { return }
        if try !isRunning { return try await carryOut(partition) }
        let clock = ContinuousClock()
        let deadline = clock.now + Self.patience
        while try archiver.isPending(partition) {
            guard clock.now < deadline else { throw ownerSilent(partition) }
            try await Task.sleep(for: Self.pause)
        }
    }

    /// Removes what an interrupted call has written and no log reads, as long as the place is still that of this log.
    private func clean(_ partition: PartitionID) throws {
        try LogArchiver(of: log).clean(partition) { address throws(EventLogError) in
            let place = try places.open(address)
            let isOurs = try place.read(ArchiveMark.name).map { ArchiveMark.names(log.identity.id, $0) } ?? false
            return isOurs ? place : nil
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

    /// Waits for the process that owns the partition; owns it for a moment where none runs.
    private func handOver(_ range: LogArchiver.Range, _ entries: [ArchiveEntry]) async throws {
        if try !isRunning { try await carryOut(range.partition) }
        let clock = ContinuousClock()
        // The owner looks at each archive before it takes them over.
        let patience = Self.patience + .seconds(entries.count)
        var deadline = clock.now + patience
        var seen = LogArchiver.Progress.waiting
        while true {
            let progress = try LogArchiver(of: log).progress(of: range, entries)
            switch progress {
            case .taken(rowsLeft: 0): return
            case .refused(let reason):
                throw ClientError(
                    .negative, code: "archiveRefused",
                    "the owner of partition \(range.partition) did not take its archives over, so the log keeps its events: "
                        + reason, hint: "mend that, then archive again")
            case .taken(let rows): report("partition \(range.partition): \(rows) rows are still to go")
            case .waiting: report("partition \(range.partition): waiting for its owner")
            }
            if progress != seen { (seen, deadline) = (progress, clock.now + patience) }
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

    /// What earlier calls have left free counts too. Archives are what they are whether this works or not.
    private func compact() throws -> ArchivedDocument.Space {
        try ClusterCommands.whileStopped(cluster) {
            var freed: UInt64 = 0
            for partition in log.identity.placement.partitions {
                report("partition \(partition): giving space back")
                do throws(EventLogError) { freed += try LogArchiver(of: log).compact(partition) } catch {
                    return ArchivedDocument.Space(bytesFreed: freed, problem: error.description)
                }
            }
            return ArchivedDocument.Space(bytesFreed: freed, problem: nil)
        }
    }

    /// Refuses a place whose archives are not all known to this log.
    private func prepare(_ place: any ArchivePlace, before time: Timestamp) throws {
        let new = ArchiveMark(logID: log.identity.id, through: [:])
        if try mark(of: place) == nil, try !place.create(try new.bytes, at: ArchiveMark.name) {
            _ = try mark(of: place)
        }
        try writeStatements(place, before: time)
    }

    /// What says whose archives a place holds; nil where none are.
    private func mark(of place: any ArchivePlace) throws -> ArchiveMark? {
        guard let bytes = try place.read(ArchiveMark.name) else { return nil }
        let mark = try ArchiveMark(bytes, in: place)
        guard mark.logID == log.identity.id else {
            throw ClientError(
                .usage, code: "otherLog", "\(place.address) holds archives of another log",
                hint: "name a directory or a prefix that is new")
        }
        for (partition, position) in mark.through.sorted(by: { $0.key < $1.key }) {
            guard let number = UInt32(partition) else { continue }
            let known = try LogArchiver(of: log).entries(of: PartitionID(number)).last?.last ?? .start
            guard position > known else { continue }
            throw ClientError(
                .usage, code: "otherHistory",
                "\(place.address) holds archives of partition \(partition) through position \(position), the log knows them "
                    + "only through \(known): it was restored since", hint: "name a directory or a prefix that is new")
        }
        return mark
    }

    /// Notes in the mark of a place how far its archives go that the log reads; what is noted never gets less.
    private func noteArchives(in place: any ArchivePlace) throws {
        guard var mark = try mark(of: place) else { return }
        let before = mark.through
        for (partition, entry) in try all() where try places.current(entry.place) == place.address {
            let known = mark.through["\(partition)"] ?? .start
            mark.through["\(partition)"] = max(known, entry.last)
        }
        if mark.through != before { try place.write(mark.bytes, to: ArchiveMark.name) }
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
