import Crypto
import Foundation
package import RoostCore
import RoostLog

/// What a backup holds. The file `backup.json` of its directory, written last: without it there is no backup.
package struct BackupManifest: Codable, Sendable {
    package static let schema = "roost.backup/1"
    static let fileName = "backup.json"

    /// Where a partition ends in the backup.
    package struct Partition: Codable, Sendable {
        package let partition: PartitionID
        package let position: Position
        package let epoch: Epoch
        /// Of everything up to the position, as hexadecimal digits.
        package let digest: String
    }

    /// A file of the backup, by its path below the directory.
    package struct File: Codable, Sendable {
        package let path: String
        package let bytes: UInt64
        package let sha256: String
    }

    package let schema: String
    package let cluster: String
    package let logID: LogID
    package let madeAt: Timestamp
    package let partitions: [Partition]
    package let files: [File]

    package var events: UInt64 { partitions.reduce(0) { $0 + $1.position.rawValue } }
    package var bytes: UInt64 { files.reduce(0) { $0 + $1.bytes } }

    /// The manifest of a directory. Throws when there is none, and when it cannot be read.
    package static func read(_ directory: String) throws -> BackupManifest {
        let path = "\(directory)/\(fileName)"
        guard FileManager.default.fileExists(atPath: path) else {
            throw ClientError(
                .notFound, code: "noBackup", "there is no backup in \(directory): \(fileName) is missing",
                hint: "roost log backup DIR makes one")
        }
        do {
            let manifest = try JSONDecoder().decode(Self.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
            guard manifest.schema == schema else {
                throw ClientError(
                    .failed, code: "otherSchema", "\(path) has schema '\(manifest.schema)', this build reads \(schema)")
            }
            return manifest
        } catch let error as ClientError {
            throw error
        } catch {
            throw damaged(path, "it is no manifest")
        }
    }

    func write(to directory: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try encoder.encode(self).write(to: URL(fileURLWithPath: "\(directory)/\(Self.fileName)"))
    }

    /// Throws for the first file that is missing or not what was written. `report` gets the share of all bytes.
    package func verify(_ directory: String, report: (Double) -> Void) throws {
        var done: UInt64 = 0
        for file in files {
            let path = "\(directory)/\(file.path)"
            guard FileManager.default.fileExists(atPath: path) else { throw Self.damaged(path, "it is missing") }
            let found = try File(path: file.path, in: directory)
            guard found.bytes == file.bytes else {
                throw Self.damaged(path, "it has \(found.bytes) bytes of \(file.bytes)")
            }
            guard found.sha256 == file.sha256 else { throw Self.damaged(path, "its content has changed") }
            done += file.bytes
            report(Double(done) / Double(max(bytes, 1)))
        }
    }

    private static func damaged(_ path: String, _ how: String) -> ClientError {
        ClientError(
            .negative, code: "damagedBackup", "\(path) is damaged, \(how); nothing was changed",
            hint: "use another backup")
    }
}

extension BackupManifest.File {
    private static let chunkBytes = 1 << 20

    /// Reads the file at `path` below `directory`.
    init(path: String, in directory: String) throws {
        let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: "\(directory)/\(path)"))
        var hash = SHA256()
        var bytes: UInt64 = 0
        while let chunk = try handle.read(upToCount: Self.chunkBytes), !chunk.isEmpty {
            hash.update(data: chunk)
            bytes += UInt64(chunk.count)
        }
        self.init(path: path, bytes: bytes, sha256: Hexadecimal.text(Array(hash.finalize())))
    }
}
