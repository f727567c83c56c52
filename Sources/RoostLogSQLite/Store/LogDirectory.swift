import Foundation
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
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            try encoder.encode(manifest).write(to: URL(fileURLWithPath: manifestPath), options: .atomic)
        } catch {
            throw EventLogError(.unavailable, "\(manifestPath) cannot be written: is \(path) writable?", cause: error)
        }
        try Self.sync(manifestPath)
        try Self.sync(path)
    }

    /// Makes what was written to a file, or renamed in a directory, survive a loss of power.
    static func sync(_ path: String) throws(EventLogError) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failed("open", path) }
        let result = fsync(descriptor)
        let failure = failed("fsync", path)
        close(descriptor)
        guard result == 0 else { throw failure }
    }

    static func move(_ source: String, to target: String) throws(EventLogError) {
        guard unsafe rename(source, target) == 0 else { throw failed("rename", source) }
    }

    /// Removes a file; it is no error when there is none.
    static func remove(_ path: String) throws(EventLogError) {
        guard unsafe unlink(path) == 0 || errno == ENOENT else { throw failed("unlink", path) }
    }

    private static func failed(_ call: String, _ path: String) -> EventLogError {
        EventLogError(.unavailable, unsafe "\(call) of \(path) failed: \(String(cString: strerror(errno)))")
    }
}
