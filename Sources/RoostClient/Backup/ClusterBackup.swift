import Foundation
import RoostArchive
package import RoostCluster
package import RoostCore
import RoostLog
import RoostLogSQLite
import RoostNode

/// Copies what a cluster cannot make again: its log, what its reactors have done and what its feeds have published.
///
/// The directory appears complete or not at all. Reactors and feeds are copied before the log, so that no checkpoint of the backup is
/// beyond the backup's log.
package struct ClusterBackup {
    /// Directories of the cluster whose databases belong to a backup.
    static let databases = ["reactors", "feeds"]
    /// Says which vault the log's personal data is sealed by; the vault itself is not part of a backup.
    static let vaultMark = "vault.id"
    private let cluster: ClusterDirectory
    private let now: () -> Timestamp

    package init(_ cluster: ClusterDirectory, now: @escaping () -> Timestamp) {
        self.cluster = cluster
        self.now = now
    }

    /// `report` gets words for a person.
    package func make(at target: String, report: (String) -> Void) throws -> BackupManifest {
        let target = URL(fileURLWithPath: target).standardizedFileURL.path
        let files = FileManager.default
        guard !files.fileExists(atPath: target) else {
            throw ClientError(
                .usage, code: "directoryExists", "\(target) exists already", hint: "name a new directory")
        }
        let building = target + ".unfinished"
        if files.fileExists(atPath: building) { try files.removeItem(atPath: building) }
        try makeDirectory(building + "/log")
        let madeAt = now()
        let databases = try Self.databases.flatMap { try copyDatabases(of: $0, to: building) }
        let log = try SQLiteLog.open(at: cluster.log)
        let heads = try LogBackup(of: log).copy(to: building + "/log") { report(Self.words($0)) }
        try files.copyItem(atPath: cluster.topologyFile, toPath: building + "/topology.yaml")
        let marks = [Self.vaultMark].filter { files.fileExists(atPath: "\(cluster.path)/\($0)") }
        for mark in marks { try files.copyItem(atPath: "\(cluster.path)/\(mark)", toPath: "\(building)/\(mark)") }
        let manifest = try manifest(of: log.identity, heads, madeAt, databases + marks, in: building)
        try manifest.write(to: building)
        try finish(building, target, manifest)
        return manifest
    }

    private func makeDirectory(_ path: String) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw ClientError(
                .failed, code: "notWritable", "\(path) cannot be made: \(error.localizedDescription)",
                hint: "name a directory below one that is writable")
        }
    }

    /// Databases that nothing can make again, by their paths below the directory.
    private func copyDatabases(of name: String, to building: String) throws -> [String] {
        try makeDirectory("\(building)/\(name)")
        guard FileManager.default.fileExists(atPath: "\(cluster.path)/\(name)") else { return [] }
        let files = try FileManager.default.contentsOfDirectory(atPath: "\(cluster.path)/\(name)").sorted()
        return try files.filter { $0.hasSuffix(".db") }.map { file in
            try DatabaseCopy.copy("\(cluster.path)/\(name)/\(file)", to: "\(building)/\(name)/\(file)")
            return "\(name)/\(file)"
        }
    }

    private func manifest(
        of log: LogIdentity, _ heads: [PartitionID: LogHead], _ madeAt: Timestamp, _ databases: [String],
        in building: String
    ) throws -> BackupManifest {
        let logFiles = try FileManager.default.contentsOfDirectory(atPath: building + "/log").sorted()
        let paths = logFiles.map { "log/\($0)" } + databases + ["topology.yaml"]
        let partitions = heads.sorted { $0.key < $1.key }.map { partition, head in
            BackupManifest.Partition(
                partition: partition, position: head.position, epoch: head.epoch, digest: Hexadecimal.text(head.digest))
        }
        return BackupManifest(
            schema: BackupManifest.schema, cluster: cluster.name, logID: log.id, madeAt: madeAt,
            partitions: partitions, files: try paths.map { try BackupManifest.File(path: $0, in: building) })
    }

    private func finish(_ building: String, _ target: String, _ manifest: BackupManifest) throws {
        for path in manifest.files.map(\.path) + [BackupManifest.fileName, "log"] + Self.databases + [""] {
            try DurableFiles.sync("\(building)/\(path)")
        }
        Failpoint.beforeBackupRename.reach()
        try DurableFiles.move(building, to: target)
        try DurableFiles.sync(URL(fileURLWithPath: target).deletingLastPathComponent().path)
    }

    private static func words(_ step: LogBackup.Step) -> String {
        switch step {
        case .copying(let partition, let share): "copying partition \(partition): \(Int(share * 100)) %"
        case .verifying(let partition, let position): "verifying partition \(partition): position \(position)"
        }
    }
}
