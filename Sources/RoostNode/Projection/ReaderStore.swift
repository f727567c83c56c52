import Foundation
package import GRDB
import GRDBSQLite
package import RoostCore
import RoostLog

/// The database of one reader (a projection or a reactor): its tables and its checkpoint, which move in one transaction.
///
/// WAL with NORMAL sync: after a loss of power the newest transactions may be gone, together with their checkpoint. One whose
/// rows were shown to others syncs every transaction.
package final class ReaderStore {
    package let queue: DatabaseQueue

    /// Opens or makes the database; nil keeps it in memory.
    package init(
        path: String?, logID: LogID, name: String, revision: Int, tables: [String], isSynced: Bool = false
    ) throws {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        configuration.busyMode = .timeout(5)
        queue =
            try path.map { try DatabaseQueue(path: $0, configuration: configuration) }
            ?? DatabaseQueue(configuration: configuration)
        try queue.writeWithoutTransaction { database in
            if path != nil {
                try database.execute(sql: "PRAGMA journal_mode=WAL; PRAGMA synchronous=\(isSynced ? "FULL" : "NORMAL")")
            }
            try database.inTransaction {
                try Self.make(database, tables)
                try Self.checkIdentity(database, logID, name, revision)
                return .commit
            }
        }
    }

    /// Closes the database; a file keeps what was committed.
    package func close() throws { try queue.close() }

    /// Moves everything committed from the WAL into the file, durably. Throws where a reader keeps it from doing so.
    package func checkpoint() throws {
        guard try isCheckpointed() else {
            throw ReaderFailure(
                "\(queue.path) cannot be made durable while somebody reads an older state of it; try again")
        }
    }

    /// Does the same where nobody keeps it from doing so, waits for nobody, and says whether it did.
    func isCheckpointed() throws -> Bool {
        try queue.writeWithoutTransaction { database in
            guard let row = try Row.fetchOne(database, sql: "PRAGMA wal_checkpoint(PASSIVE)") else { return false }
            let (isBusy, frames, moved): (Int, Int, Int) = (row[0], row[1], row[2])
            return isBusy == 0 && frames >= 0 && frames == moved
        }
    }

    /// Runs `body` with the raw handle, outside any transaction.
    package func withConnection<Result>(_ body: (OpaquePointer) throws -> Result) throws -> Result {
        try queue.writeWithoutTransaction { database in
            guard let connection = database.sqliteConnection else { throw ReaderFailure("the database is closed") }
            return try body(connection)
        }
    }

    /// Runs `body` with statements of its own, outside any transaction.
    func withTables<Result>(_ body: (Tables) throws -> Result) throws -> Result {
        try withConnection { connection in
            let tables = Tables(connection: connection)
            defer { tables.close() }
            return try body(tables)
        }
    }

    package func progress() throws -> [PartitionID: Progress] {
        try queue.read { try Self.progress($0) }
    }

    package static func progress(_ database: Database) throws -> [PartitionID: Progress] {
        let rows = try Row.fetchAll(database, sql: "SELECT * FROM roost_progress ORDER BY partition")
        return Dictionary(
            uniqueKeysWithValues: rows.map { row in
                let counts = (row["applied"] as Int64, row["parked"] as Int64, row["discarded"] as Int64)
                let progress = Progress(
                    position: Position(UInt64(row["position"] as Int64)), epoch: Epoch(UInt64(row["epoch"] as Int64)),
                    digest: [UInt8](row["digest"] as Data), applied: UInt64(counts.0), parked: UInt64(counts.1),
                    discarded: UInt64(counts.2))
                return (PartitionID(UInt32(row["partition"] as Int64)), progress)
            })
    }

    package static let saveSQL = """
        INSERT INTO roost_progress(partition, position, epoch, digest, applied, parked, discarded)
        VALUES(?,?,?,?,?,?,?) ON CONFLICT(partition) DO UPDATE SET position=excluded.position, epoch=excluded.epoch,
        digest=excluded.digest, applied=excluded.applied, parked=excluded.parked, discarded=excluded.discarded
        """

    private static func make(_ database: Database, _ tables: [String]) throws {
        try database.execute(
            sql: """
                CREATE TABLE IF NOT EXISTS roost_meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
                CREATE TABLE IF NOT EXISTS roost_progress(
                    partition INTEGER PRIMARY KEY, position INTEGER NOT NULL, epoch INTEGER NOT NULL,
                    digest BLOB NOT NULL, applied INTEGER NOT NULL, parked INTEGER NOT NULL, discarded INTEGER NOT NULL);
                CREATE TABLE IF NOT EXISTS roost_counted(partition INTEGER PRIMARY KEY, types TEXT NOT NULL);
                """)
        let isNew = try Int.fetchOne(database, sql: "SELECT count(*) FROM roost_meta") == 0
        guard isNew else { return }
        for table in tables { try database.execute(sql: table) }
    }

    private static func checkIdentity(_ database: Database, _ logID: LogID, _ name: String, _ revision: Int) throws {
        let expected = ["log": logID.description, "name": name, "revision": String(revision)]
        for (key, value) in expected.sorted(by: { $0.key < $1.key }) {
            let stored = try String.fetchOne(
                database, sql: "SELECT value FROM roost_meta WHERE key = ?", arguments: [key])
            guard let stored else {
                try database.execute(sql: "INSERT INTO roost_meta VALUES(?,?)", arguments: [key, value])
                continue
            }
            guard stored == value else {
                throw ReaderFailure(
                    "the database of '\(name)' has \(key) \(stored), expected \(value); "
                        + "to make it again, stop it (roost stop \(name)), remove its files under the "
                        + "cluster's directory and start it (roost start \(name))")
            }
        }
    }
}
