import Foundation
package import RoostCluster
package import RoostCore
import RoostLog
import RoostLogSQLite
import RoostNode

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
            let before = eventsNow()
            let restoring = try copy(manifest, report)
            let unfit = try projections(notOf: try SQLiteLog.open(at: restoring + "/log"))
            let had = before != nil
            let pending = PendingRestore(
                aside: "before-restore-\(Self.stamp(now))",
                replaced: ["log", ClusterBackup.vaultMark] + ClusterBackup.databases,
                remade: unfit.map { "projections/\($0)" } + ["snapshots"])
            try pending.decide(cluster)
            try pending.carryOut(cluster)
            try cluster.create()
            return RestoreDocument(
                manifest, cluster: cluster.name,
                eventsAside: before.map { $0 > manifest.events ? $0 - manifest.events : 0 },
                movedTo: had ? "\(cluster.path)/\(pending.aside)" : nil, remade: unfit)
        }
    }

    /// Copies everything beside its place and verifies the copies.
    private func copy(_ manifest: BackupManifest, _ report: (String) -> Void) throws -> String {
        let files = FileManager.default
        let restoring = PendingRestore.directory(of: cluster)
        if files.fileExists(atPath: restoring) { try files.removeItem(atPath: restoring) }
        for name in ["log"] + ClusterBackup.databases {
            try files.createDirectory(atPath: "\(restoring)/\(name)", withIntermediateDirectories: true)
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
        let databases = ReaderDatabases(
            projections: cluster.projections, reactors: cluster.reactors, snapshots: cluster.snapshots,
            feeds: cluster.feeds)
        let names = try FileManager.default.contentsOfDirectory(atPath: cluster.projections).sorted()
        return try names.filter { name in
            guard let progress = try databases.progress(ofProjection: name) else { return false }
            return try !progress.allSatisfy { partition, progress in
                try progress.position == .start
                    || log.reader(partition).commit(holding: progress.position)?.digest == progress.digest
            }
        }
    }

    /// As in `20261126-081500Z`.
    private static func stamp(_ now: Timestamp) -> String {
        now.description.prefix { $0 != "." && $0 != "Z" }.filter { $0 != "-" && $0 != ":" }
            .replacing("T", with: "-") + "Z"
    }
}
