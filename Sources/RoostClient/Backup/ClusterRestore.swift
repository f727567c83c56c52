import Foundation
import RoostArchive
package import RoostCluster
package import RoostCore
import RoostLog
import RoostLogSQLite
import RoostNode
import RoostVault

/// Puts a backup in the place of a stopped cluster's log. Nothing is deleted: what was there goes aside.
///
/// Killed before it is decided, nothing has changed; killed after, the next `roost up` or restore carries it out.
package struct ClusterRestore {
    private let cluster: ClusterDirectory
    private let backup: String

    package init(of backup: String, into cluster: ClusterDirectory) {
        self.backup = URL(fileURLWithPath: backup).standardizedFileURL.path
        self.cluster = cluster
    }

    /// Finishes what an interrupted restore of a stopped cluster has decided.
    package static func finishInterrupted(_ cluster: ClusterDirectory) throws {
        guard try PendingRestore.find(cluster) != nil else { return }
        try ClusterCommands.whileStopped(cluster) { try finish(cluster) }
    }

    private static func finish(_ cluster: ClusterDirectory) throws {
        try PendingRestore.find(cluster)?.carryOut(cluster)
    }

    /// Verifies the backup before anything is changed. `report` gets words for a person.
    package func carryOut(_ manifest: BackupManifest, at now: Timestamp, report: (String) -> Void) throws
        -> RestoreDocument
    {
        try manifest.verify(backup) { report("verifying the backup: \(Int($0 * 100)) %") }
        return try ClusterCommands.whileStopped(cluster) {
            try Self.finish(cluster)
            try refuseAnotherLog(manifest)
            let before = eventsNow()
            let published = newestPublished()
            let restoring = try copy(manifest, report)
            try refuseMissingArchives(in: restoring + "/log")
            let unfit = try projections(notOf: try SQLiteLog.open(at: restoring + "/log"))
            let erased = try eraseAgain(manifest, in: restoring)
            let pending = PendingRestore(
                aside: newAside(now), replaced: ["log", ClusterBackup.vaultMark] + ClusterBackup.databases,
                remade: unfit.map { "projections/\($0)" } + ["snapshots"])
            try pending.decide(cluster)
            try pending.carryOut(cluster)
            try cluster.create()
            let aside = "\(cluster.path)/\(pending.aside)"
            return RestoreDocument(
                manifest, cluster: cluster.name,
                eventsAside: before.map { $0 > manifest.events ? $0 - manifest.events : 0 },
                movedTo: FileManager.default.fileExists(atPath: aside) ? aside : nil, remade: unfit,
                feeds: againNumbered(published), erased: erased)
        }
    }

    /// Feeds whose newest numbers are given out again.
    private func againNumbered(_ before: [String: UInt64]) -> [RestoreDocument.Feed] {
        newestPublished().compactMap { feed, newest in
            let was = before[feed] ?? 0
            return was > newest ? RestoreDocument.Feed(feed: feed, newest: newest, was: was) : nil
        }.sorted { $0.feed < $1.feed }
    }

    /// What is about to take its place holds nothing of erased subjects. Returns those that were erased after the backup: its
    /// log does not say so.
    private func eraseAgain(_ manifest: BackupManifest, in restoring: String) throws -> [String] {
        let files = VaultFiles(directory: cluster.vault)
        guard FileManager.default.fileExists(atPath: files.database) else { return [] }
        let vault = try Vault(files)
        try Erasures.apply(vault, to: ClusterDirectory(path: restoring))
        return try vault.erasedSubjects().filter { subject in
            try vault.erasure(of: subject)?.destroyed.map { $0 > manifest.madeAt } ?? true
        }
    }

    /// Copies everything beside its place and verifies the copies.
    private func copy(_ manifest: BackupManifest, _ report: (String) -> Void) throws -> String {
        let files = FileManager.default
        let restoring = PendingRestore.directory(of: cluster)
        if files.fileExists(atPath: restoring) { try files.removeItem(atPath: restoring) }
        for name in ["log"] + ClusterBackup.databases {
            try files.createDirectory(
                atPath: "\(restoring)/\(name)", withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
        }
        for file in manifest.files {
            try files.copyItem(atPath: "\(backup)/\(file.path)", toPath: "\(restoring)/\(file.path)")
            try DurableFiles.sync("\(restoring)/\(file.path)")
        }
        for name in ["log"] + ClusterBackup.databases + [""] { try DurableFiles.sync("\(restoring)/\(name)") }
        try manifest.verify(restoring) { report("verifying the copy: \(Int($0 * 100)) %") }
        if !files.fileExists(atPath: cluster.topologyFile) {
            try files.copyItem(atPath: "\(restoring)/topology.yaml", toPath: cluster.topologyFile)
        }
        return restoring
    }

    /// Archives are no part of a backup: its log reads them where they are.
    private func refuseMissingArchives(in directory: String) throws {
        let moves = "\(cluster.log)/\(ArchivePlaces.fileName)"
        if FileManager.default.fileExists(atPath: moves) {
            // What has moved since the backup was made is known here.
            try DurableFiles.replace(
                "\(directory)/\(ArchivePlaces.fileName)", with: Data(contentsOf: URL(fileURLWithPath: moves)))
        }
        for entry in try archives(of: directory) {
            let place = try ArchivePlaces(directory: directory).place(at: entry.place)
            let isThere =
                try place.size(of: entry.name) == entry.bytes
                && place.size(of: entry.manifestName) == entry.manifestBytes
            if isThere { continue }
            throw ClientError(
                .negative, code: "archiveMissing",
                "the log of the backup reads \(place.location)\(entry.name), which is missing, or its manifest, or not as long as it was; "
                    + "nothing was changed", hint: "put the archives back there, then restore again")
        }
    }

    private func archives(of directory: String) throws -> [ArchiveEntry] {
        let log = try SQLiteLog.open(at: directory)
        do {
            return try log.identity.placement.partitions.flatMap { try LogArchiver(of: log).entries(of: $0) }
        } catch let error as EventLogError where error.code == .mismatch {
            // A log of an older format has none.
            return []
        }
    }

    private func refuseAnotherLog(_ manifest: BackupManifest) throws {
        guard let present = try SQLiteLog.identity(at: cluster.log), present.id != manifest.logID else { return }
        throw ClientError(
            .negative, code: "anotherLog",
            "the backup is of another log, that of cluster '\(manifest.cluster)'; nothing was changed",
            hint: "roost log restore \(backup) --cluster NAME, with a name that is not taken")
    }

    /// The newest public number of every feed that can be read.
    private func newestPublished() -> [String: UInt64] {
        do {
            let databases = ReaderDatabases(cluster)
            return try ClusterFiles(cluster: cluster).databases(in: cluster.feeds).reduce(into: [:]) { newest, path in
                let name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
                do {
                    newest[name] = try databases.published(by: name, after: 0, limit: 0).newest
                } catch {
                    // What is damaged is about to be replaced.
                    newest[name] = nil
                }
            }
        } catch {
            return [:]
        }
    }

    /// Events of the log that is there; nil when none can be read.
    private func eventsNow() -> UInt64? {
        do {
            let log = try SQLiteLog.open(at: cluster.log)
            return try log.identity.placement.partitions.reduce(0) { try $0 + log.reader($1).head().position.rawValue }
        } catch {
            return nil
        }
    }

    /// Projections whose checkpoints are not part of the log.
    private func projections(notOf log: SQLiteLog) throws -> [String] {
        let databases = ReaderDatabases(cluster)
        let names = try FileManager.default.contentsOfDirectory(atPath: cluster.projections).sorted()
        return names.filter { name in
            do {
                guard let progress = try databases.progress(ofProjection: name) else { return false }
                return try !progress.allSatisfy { partition, progress in
                    try progress.position == .start
                        || log.reader(partition).commit(holding: progress.position)?.digest == progress.digest
                }
            } catch {
                // What cannot be read is made again.
                return true
            }
        }
    }

    /// What the directories begin with that hold what was there before.
    static let asidePrefix = "before-restore-"

    /// A name that nothing has yet: two restores may happen within a second.
    private func newAside(_ now: Timestamp) -> String {
        let first = Self.asidePrefix + Self.stamp(now)
        var name = first
        var number = 2
        while FileManager.default.fileExists(atPath: "\(cluster.path)/\(name)") {
            name = "\(first)-\(number)"
            number += 1
        }
        return name
    }

    /// As in `20261126-081500Z`.
    private static func stamp(_ now: Timestamp) -> String {
        now.description.prefix { $0 != "." && $0 != "Z" }.filter { $0 != "-" && $0 != ":" }
            .replacing("T", with: "-") + "Z"
    }
}
