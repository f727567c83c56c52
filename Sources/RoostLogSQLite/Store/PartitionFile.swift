import Foundation
import GRDBSQLite
import RoostArchive
import RoostCore
import RoostLog

/// The file of one partition, the files beside it, and which log it must belong to.
struct PartitionFile: Sendable {
    let directory: LogDirectory
    let log: LogID
    let partition: PartitionID

    var path: String { directory.partitionPath(partition) }
    /// A reader of its archives, with a memory of its own.
    func archiveReader() -> ArchiveReader {
        ArchiveReader(log: log, partition: partition, places: ArchivePlaces(directory: directory.path))
    }
    /// There when an error left it open what the file holds. A claim then recovers the file first.
    var suspectPath: String { "\(path).suspect" }
    var isSuspect: Bool { FileManager.default.fileExists(atPath: suspectPath) }

    /// Leaves the mark that the file must be recovered. Returns what went wrong with that, if anything did.
    func markSuspect() -> String? {
        guard FileManager.default.createFile(atPath: suspectPath, contents: Data()) else {
            return "and \(suspectPath) could not be written: create it by hand before the next start"
        }
        do {
            try DurableFiles.sync(directory.path)
            return nil
        } catch {
            return error.message
        }
    }

    func checkExists() throws(EventLogError) {
        guard FileManager.default.fileExists(atPath: path) else {
            throw EventLogError(
                .missing, "partition file \(path) is missing: restore it; partition files are made only with the log")
        }
    }

    /// Makes the file with its tables. Only `SQLiteLog.create` calls this.
    func create() throws(EventLogError) {
        do {
            let connection = try Connection(path: path, isReadOnly: false)
            try connection.execute("PRAGMA page_size = \(Schema.pageBytes)")
            try connection.execute("PRAGMA journal_mode = WAL")
            try connection.execute("PRAGMA synchronous = FULL")
            connection.keepSideFiles()
            try connection.execute("BEGIN IMMEDIATE; \(Schema.tables) \(Schema.triggers)")
            try insertIdentity(connection)
            try connection.execute("COMMIT")
        } catch {
            throw error.whileWriting(path)
        }
    }

    /// Brings a file of an older format to the newest, durably. Only while nobody else has the log open. A file that cannot
    /// be read is left as it is: who claims it says what is wrong.
    func migrate() throws(EventLogError) {
        // What is recovered from a suspect file is brought to it with the recovery.
        if !isSuspect { try migrate(path) }
    }

    func migrate(_ path: String) throws(EventLogError) {
        guard isOlder(path) else { return }
        do throws(SQLiteFailure) {
            let connection = try Connection(path: path, isReadOnly: false)
            try connection.execute("PRAGMA synchronous = FULL")
            connection.keepSideFiles()
            try Migration.run(connection)
            guard try connection.number("PRAGMA wal_checkpoint(TRUNCATE)") == 0 else {
                throw SQLiteFailure(code: SQLITE_BUSY, message: "somebody else reads the file")
            }
        } catch {
            throw error.whileWriting(path)
        }
    }

    /// Gives the space of deleted rows back when it is at least a tenth of the file; returns how many bytes that was. Needs
    /// room for a copy of what is left.
    func compact() throws(EventLogError) -> UInt64 {
        do throws(SQLiteFailure) {
            let connection = try Connection(path: path, isReadOnly: false)
            let free = try connection.number("PRAGMA freelist_count") ?? 0
            let before = try connection.number("PRAGMA page_count") ?? 0
            guard free * 10 >= before, free > 0 else { return 0 }
            try connection.execute("PRAGMA synchronous = FULL; VACUUM")
            connection.keepSideFiles()
            guard try connection.number("PRAGMA wal_checkpoint(TRUNCATE)") == 0 else { return 0 }
            return (before - (try connection.number("PRAGMA page_count") ?? before)) * UInt64(Schema.pageBytes)
        } catch {
            throw error.whileWriting(path)
        }
    }

    private func isOlder(_ path: String) -> Bool {
        do {
            let connection = try Connection(path: path, isReadOnly: true)
            return try connection.number("SELECT format FROM log") ?? Schema.version < Schema.version
        } catch {
            return false
        }
    }

    private func insertIdentity(_ connection: Connection) throws(SQLiteFailure) {
        let insert = try connection.prepare("INSERT INTO log(one, format, log_id, partition) VALUES (1, ?, ?, ?)")
        insert.bind(1, Schema.version)
        insert.bind(2, bigEndianBytes(log.bits))
        insert.bind(3, UInt64(partition.rawValue))
        try insert.run()
    }

    /// Refuses a file of another log, another partition or another format.
    func checkIdentity(_ connection: Connection) throws(EventLogError) {
        let found: (format: UInt64, log: LogID, partition: UInt64)
        do throws(SQLiteFailure) {
            let row = try connection.prepare("SELECT format, log_id, partition FROM log")
            guard try row.step() else { throw SQLiteFailure(code: SQLITE_CORRUPT, message: "no identity") }
            found = (row.unsigned(0), LogID(bits: row.bits(1)), row.unsigned(2))
        } catch {
            throw error.whileReading(path)
        }
        guard found.format == Schema.version else {
            let next = found.format < Schema.version ? "'roost up' brings it to that format" : "use a newer build"
            throw EventLogError(
                .mismatch, "\(path) has format \(found.format), this build reads \(Schema.version): \(next)")
        }
        guard found.log == log, found.partition == UInt64(partition.rawValue) else {
            throw EventLogError(
                .mismatch,
                "\(path) is partition \(found.partition) of log \(found.log), not partition \(partition) of \(log): "
                    + "put the right file back")
        }
    }
}
