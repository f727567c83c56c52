import Foundation
import RoostClient
import RoostCluster
import RoostCore
import RoostNode

/// Certificates as files of a cluster.
enum CertificateFile {
    /// Issues the certificate of a rebuild that found both equal; returns it and its path, from here where it is below.
    static func keep(
        _ result: RebuildResult, of directory: ClusterDirectory
    ) throws -> (certificate: RebuildCertificate, path: String) {
        let now = Timestamp(nanoseconds: Int64(Date().timeIntervalSince1970 * 1e9))
        let certificate = try RebuildCertificate(
            result, issuedAt: now, cluster: directory.name, log: try ClusterClient.openLog(directory).identity.id)
        try FileManager.default.createDirectory(atPath: directory.certificates, withIntermediateDirectories: true)
        let time = now.description.filter { $0.isNumber || $0 == "T" }.prefix(15)
        let path = try write(
            Data(DocumentText.pretty(certificate)), to: "\(directory.certificates)/\(result.projection)-\(time)Z")
        return (certificate, fromHere(path))
    }

    /// Whole or not at all, beside those of the same second.
    private static func write(_ data: Data, to stem: String) throws -> String {
        let unfinished = stem + ".unfinished"
        try data.write(to: URL(fileURLWithPath: unfinished))
        defer { unlink(unfinished) }
        var (path, number) = (stem + ".json", 1)
        while true {
            do {
                try FileManager.default.linkItem(atPath: unfinished, toPath: path)
                return path
            } catch CocoaError.fileWriteFileExists {
                number += 1
                path = "\(stem)-\(number).json"
            }
        }
    }

    /// Shorter where it is below.
    static func fromHere(_ path: String) -> String {
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
