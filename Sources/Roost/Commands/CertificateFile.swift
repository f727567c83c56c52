import Foundation
import RoostClient
import RoostCluster
import RoostCore
import RoostNode
import RoostRoles

/// Certificates as files of a cluster.
enum CertificateFile {
    /// Writes the certificate of a rebuild that found both equal; returns its path, from here where it is below.
    static func keep(_ result: RebuildResult, of directory: ClusterDirectory) throws -> String {
        let now = Timestamp(nanoseconds: Int64(Date().timeIntervalSince1970 * 1e9))
        let certificate = try RebuildCertificate(
            issuedAt: now, cluster: directory.name, projection: result.projection, revision: result.revision,
            build: result.build, log: try ClusterClient.openLog(directory).identity.id,
            partitions: result.partitions.map {
                RebuildCertificate.Partition(
                    partition: PartitionID($0.partition), position: Position($0.position), digest: $0.digest)
            }, events: result.events,
            tables: result.tables.map { RebuildCertificate.Table(name: $0.name, rows: $0.rows, root: $0.root) },
            setAside: result.setAside.map { RebuildCertificate.Table(name: $0.name, rows: $0.rows, root: $0.root) },
            root: result.root, seconds: result.seconds)
        try FileManager.default.createDirectory(atPath: directory.certificates, withIntermediateDirectories: true)
        let time = now.description.filter { $0.isNumber || $0 == "T" }.prefix(15)
        let path = "\(directory.certificates)/\(result.projection)-\(time)Z.json"
        try Data(DocumentText.pretty(certificate)).write(to: URL(fileURLWithPath: path), options: .atomic)
        let here = FileManager.default.currentDirectoryPath + "/"
        return path.hasPrefix(here) ? String(path.dropFirst(here.count)) : path
    }

    static func read(_ path: String) throws -> RebuildCertificate {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Failure(
                code: "unknownFile", message: "\(path) cannot be read", hint: "roost rebuild NAME --prove writes one",
                exitCode: 4)
        }
        let certificate: RebuildCertificate?
        do {
            certificate = try DocumentText.parse(RebuildCertificate.self, Array(data), what: path)
        } catch is ClientError {
            certificate = nil
        }
        guard let certificate, certificate.schema == RebuildCertificate.schema else {
            throw Failure(
                code: "noCertificate", message: "\(path) is no certificate of format \(RebuildCertificate.schema)",
                hint: "roost rebuild NAME --prove writes one", exitCode: 64)
        }
        return certificate
    }
}
