import Foundation
import RoostArchive
import RoostCluster
import RoostLogSQLite
import RoostNode

/// A restore that is decided: what stands in `restoring` takes its place, and what was there goes aside. Every step can be
/// repeated, so it is carried out in full whenever the cluster is touched next.
struct PendingRestore: Codable {
    /// A directory of the cluster for what was there before.
    let aside: String
    /// What is replaced, by its path below the cluster's directory.
    let replaced: [String]
    /// What goes aside and is made again by its process.
    let remade: [String]

    private static let fileName = "decided.json"
    static func directory(of cluster: ClusterDirectory) -> String { cluster.path + "/restoring" }
    private static func file(of cluster: ClusterDirectory) -> String { "\(directory(of: cluster))/\(fileName)" }

    /// The restore that an earlier process has decided and not finished; nil without one.
    static func find(_ cluster: ClusterDirectory) throws -> PendingRestore? {
        guard FileManager.default.fileExists(atPath: file(of: cluster)) else { return nil }
        return try JSONDecoder().decode(Self.self, from: Data(contentsOf: URL(fileURLWithPath: file(of: cluster))))
    }

    /// From here on it will be carried out.
    func decide(_ cluster: ClusterDirectory) throws {
        Failpoint.beforeRestore.reach()
        let path = Self.file(of: cluster)
        try DurableFiles.replace(path, with: self)
        try DurableFiles.sync(cluster.path)
        Failpoint.afterRestoreDecision.reach()
    }

    func carryOut(_ cluster: ClusterDirectory) throws {
        let source = Self.directory(of: cluster)
        for path in remade { try moveAside(path, cluster) }
        for path in replaced where exists("\(source)/\(path)") {
            try moveAside(path, cluster)
            Failpoint.betweenRestoreMoves.reach()
            try DurableFiles.move("\(source)/\(path)", to: "\(cluster.path)/\(path)")
        }
        try DurableFiles.sync(cluster.path)
        try FileManager.default.removeItem(atPath: source)
        try DurableFiles.sync(cluster.path)
    }

    private func moveAside(_ path: String, _ cluster: ClusterDirectory) throws {
        let target = "\(cluster.path)/\(aside)/\(path)"
        guard exists("\(cluster.path)/\(path)"), !exists(target) else { return }
        let parent = URL(fileURLWithPath: target).deletingLastPathComponent().path
        try FileManager.default.createDirectory(
            atPath: "\(cluster.path)/\(aside)", withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        try DurableFiles.move("\(cluster.path)/\(path)", to: target)
        try DurableFiles.sync(parent)
    }

    private func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }
}
