import Foundation
import RoostArchive
import RoostCore
import RoostLog

/// The directory of a log: `log.json` says what the log is, and each partition has one file.
struct LogDirectory: Sendable {
    let path: String

    /// What `log.json` holds.
    private struct Manifest: Codable {
        static let format = "roost.log/1"
        let format: String
        let id: LogID
        let placement: Placement
    }

    var manifestPath: String { "\(path)/log.json" }

    /// The file of a partition, whose name ends in the eight hexadecimal digits of its number.
    func partitionPath(_ partition: PartitionID) -> String {
        let digits = String(partition.rawValue, radix: 16)
        return "\(path)/partition-\(String(repeating: "0", count: 8 - digits.count))\(digits).db"
    }

    func readIdentity() throws(EventLogError) -> LogIdentity {
        guard FileManager.default.fileExists(atPath: manifestPath) else {
            throw EventLogError(.missing, "there is no log at \(path): log.json is missing; 'roost up' makes a log")
        }
        do {
            let data = try Data(contentsOf: URL(fileURLWithPath: manifestPath))
            let manifest = try JSONDecoder().decode(Manifest.self, from: data)
            guard manifest.format == Manifest.format else {
                throw EventLogError(
                    .mismatch, "\(manifestPath) has format '\(manifest.format)', this build reads \(Manifest.format)")
            }
            return LogIdentity(id: manifest.id, placement: manifest.placement)
        } catch let error as EventLogError {
            throw error
        } catch {
            throw EventLogError(
                .corrupt, "\(manifestPath) cannot be read; restore it from a backup", cause: error)
        }
    }

    func writeIdentity(_ identity: LogIdentity) throws(EventLogError) {
        let manifest = Manifest(format: Manifest.format, id: identity.id, placement: identity.placement)
        try DurableFiles.replace(manifestPath, with: manifest)
    }
}
