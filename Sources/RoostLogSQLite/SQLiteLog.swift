import Foundation
import RoostArchive
public import RoostCore
public import RoostLog
import Synchronization

/// The log on disk: a directory with one SQLite file per partition. The embedded default, for one host.
///
/// Only a claim opens a file for writing; everything else reads, in any number of processes, also beside the owner.
/// A commit is on disk before `append` returns.
public final class SQLiteLog: EventLog {
    /// As stored in the directory of the log.
    public let identity: LogIdentity
    private let directory: LogDirectory
    private let readers = Mutex<[PartitionID: SQLiteReader]>([:])

    private init(identity: LogIdentity, directory: LogDirectory) {
        self.identity = identity
        self.directory = directory
    }

    /// Makes a log: the directory appears complete or not at all. Refuses a path where something is already.
    public static func create(at path: String, identity: LogIdentity) throws(EventLogError) -> SQLiteLog {
        let path = URL(fileURLWithPath: path).path
        let files = FileManager.default
        let building = LogDirectory(path: "\(path).creating")
        do {
            if files.fileExists(atPath: path), try !files.contentsOfDirectory(atPath: path).isEmpty {
                throw EventLogError(.invalid, "\(path) is not empty: open the log that is there, or move it aside")
            }
            if files.fileExists(atPath: building.path) { try files.removeItem(atPath: building.path) }
            try files.createDirectory(
                atPath: building.path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch let error as EventLogError {
            throw error
        } catch {
            throw EventLogError(
                .unavailable, "no log can be made at \(path): is the directory above it writable?", cause: error)
        }
        for partition in identity.placement.partitions {
            try PartitionFile(directory: building, log: identity.id, partition: partition).create()
        }
        try building.writeIdentity(identity)
        try DurableFiles.move(building.path, to: path)
        try DurableFiles.sync(URL(fileURLWithPath: path).deletingLastPathComponent().path)
        return SQLiteLog(identity: identity, directory: LogDirectory(path: path))
    }

    /// What a log says that it is; nil where there is none. Looks at nothing else of it.
    package static func identity(at path: String) throws(EventLogError) -> LogIdentity? {
        let directory = LogDirectory(path: path)
        guard FileManager.default.fileExists(atPath: directory.manifestPath) else { return nil }
        return try directory.readIdentity()
    }

    /// Opens a log that exists. Throws `missing` when there is none, or when a partition's file is gone.
    public static func open(at path: String) throws(EventLogError) -> SQLiteLog {
        let directory = LogDirectory(path: path)
        return try open(directory, try directory.readIdentity())
    }

    /// Opens a log that exists, brings files of an older format to the newest, and adds the categories that only `placement`
    /// has: call it while nobody else has the log open. Throws `mismatch` with the differences, and changes nothing, when a
    /// category would move or be missing.
    public static func open(at path: String, placing placement: Placement) throws(EventLogError) -> SQLiteLog {
        let directory = LogDirectory(path: path)
        let identity = try directory.readIdentity()
        let obstacles = identity.placement.obstacles(to: placement)
        guard obstacles.isEmpty else {
            throw EventLogError(
                .mismatch,
                "the log places streams otherwise than the topology: " + obstacles.joined(separator: "; "))
        }
        let extended = LogIdentity(id: identity.id, placement: placement)
        let log = try open(directory, extended)
        for partition in placement.partitions { try log.file(partition).migrate() }
        if extended != identity { try directory.writeIdentity(extended) }
        return log
    }

    private static func open(
        _ directory: LogDirectory, _ identity: LogIdentity
    ) throws(EventLogError) -> SQLiteLog {
        let log = SQLiteLog(identity: identity, directory: directory)
        for partition in identity.placement.partitions { try log.file(partition).checkExists() }
        return log
    }

    /// Opens the partition's file for writing; the claim is on disk before this returns.
    public func claim(_ partition: PartitionID, _ claim: Claim) async throws(EventLogError) -> any PartitionWriter {
        try file(partition).claim(claim)
    }

    /// Readers of one partition share a connection. It opens at the first call and stays open.
    public func reader(_ partition: PartitionID) throws(EventLogError) -> any PartitionReader {
        try sqliteReader(partition)
    }

    func sqliteReader(_ partition: PartitionID) throws(EventLogError) -> SQLiteReader {
        let file = try file(partition)
        return readers.withLock { readers in
            if let reader = readers[partition] { return reader }
            let reader = SQLiteReader(file, path: file.path)
            readers[partition] = reader
            return reader
        }
    }

    /// The directory of the log.
    var path: String { directory.path }

    /// A reading connection of its own, which was found to be of this log.
    func connection(to partition: PartitionID) throws(EventLogError) -> ReaderConnection {
        try SQLiteReader(file(partition), path: file(partition).path).open()
    }

    func file(_ partition: PartitionID) throws(EventLogError) -> PartitionFile {
        guard identity.placement.group(of: partition) != nil else {
            throw EventLogError(
                .missing, "the log has no partition \(partition); it has \(identity.placement.partitionCount)")
        }
        return PartitionFile(directory: directory, log: identity.id, partition: partition)
    }
}
