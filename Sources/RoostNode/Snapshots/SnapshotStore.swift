import Foundation
import GRDB
package import RoostCore

/// The snapshots of one partition, in a file of their own beside the log, written by the partition's owner.
///
/// Nothing in it is needed: a file that is damaged, of another log or of another format is made anew, and a row that does
/// not match its checksum counts as none.
package final class SnapshotStore: Sendable {
    private static let format = "1"
    /// Whoever reads does not wait for the writer.
    private let pool: DatabasePool

    package static func path(in directory: String, of partition: PartitionID) -> String {
        "\(directory)/partition-\(partition).db"
    }

    /// Opens or makes the file. Throws when neither is possible, on a full disk for example.
    package init(path: String, logID: LogID) throws {
        pool = try Self.usable(path, logID) ?? Self.anew(path, logID)
    }

    /// What is kept, without the states: for reading beside the owner. nil when there is no file.
    package static func list(path: String) throws -> [SnapshotEntry]? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(2)
        return try DatabaseQueue(path: path, configuration: configuration).read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT stream, version, revision, digest, made_at, length(state) + length(commands) AS bytes
                    FROM snapshots ORDER BY stream
                    """
            ).compactMap(SnapshotEntry.init)
        }
    }

    /// The snapshot of a stream that was made by this way of folding; nil when there is none, or it cannot be read.
    package func find(_ stream: StreamName, foldedAs fold: FoldIdentity) -> Snapshot? {
        do {
            let row = try pool.read { database in
                try Row.fetchOne(
                    database.cachedStatement(sql: "SELECT * FROM snapshots WHERE stream = ?"),
                    arguments: [stream.description])
            }
            guard let snapshot = row.flatMap({ SnapshotRow($0) })?.snapshot, snapshot.fold == fold else { return nil }
            return snapshot
        } catch {
            return nil
        }
    }

    /// Keeps these snapshots in one transaction; each replaces one of its stream that is older or of other code.
    package func keep(_ snapshots: [Snapshot]) throws {
        guard !snapshots.isEmpty else { return }
        try pool.write { database in
            let insert = try database.cachedStatement(
                sql: """
                    INSERT INTO snapshots VALUES(?,?,?,?,?,?,?,?,?) ON CONFLICT(stream) DO UPDATE SET
                    version=excluded.version, event_id=excluded.event_id, revision=excluded.revision,
                    digest=excluded.digest, state=excluded.state, commands=excluded.commands,
                    made_at=excluded.made_at, checksum=excluded.checksum
                    WHERE excluded.version >= version OR excluded.digest <> digest
                    """)
            for snapshot in snapshots { try insert.execute(arguments: SnapshotRow.values(of: snapshot)) }
            Failpoint.beforeSnapshotCommit.reach()
        }
        Failpoint.afterSnapshotCommit.reach()
    }

    package func close() throws { try pool.close() }

    private struct Unusable: Error {}

    /// nil for a file that must be made anew.
    private static func usable(_ path: String, _ logID: LogID) throws -> DatabasePool? {
        do {
            let pool = try open(path)
            try prepare(pool, logID)
            return pool
        } catch is Unusable {
            return nil
        } catch let error as DatabaseError
            where [.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(error.resultCode.primaryResultCode)
        {
            return nil
        }
    }

    private static func open(_ path: String) throws -> DatabasePool {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { database in
            // Losing the newest snapshots with the power costs a longer fold, nothing else.
            try database.execute(sql: "PRAGMA synchronous = NORMAL")
        }
        return try DatabasePool(path: path, configuration: configuration)
    }

    private static func anew(_ path: String, _ logID: LogID) throws -> DatabasePool {
        try FileManager.default.removeDatabase(path)
        let pool = try open(path)
        try prepare(pool, logID)
        return pool
    }

    private static func prepare(_ pool: DatabasePool, _ logID: LogID) throws {
        try pool.write { database in
            try database.execute(
                sql: """
                    CREATE TABLE IF NOT EXISTS about(log TEXT NOT NULL, format TEXT NOT NULL);
                    CREATE TABLE IF NOT EXISTS snapshots(
                        stream TEXT PRIMARY KEY, version INTEGER NOT NULL, event_id BLOB NOT NULL,
                        revision INTEGER NOT NULL, digest BLOB NOT NULL, state BLOB NOT NULL, commands BLOB NOT NULL,
                        made_at INTEGER NOT NULL, checksum INTEGER NOT NULL) STRICT, WITHOUT ROWID;
                    """)
            let about = try Row.fetchOne(database, sql: "SELECT log, format FROM about")
            guard let about else {
                return try database.execute(
                    sql: "INSERT INTO about VALUES(?,?)", arguments: [logID.description, format])
            }
            guard about["log"] as String? == logID.description, about["format"] as String? == format else {
                throw Unusable()
            }
        }
    }
}
