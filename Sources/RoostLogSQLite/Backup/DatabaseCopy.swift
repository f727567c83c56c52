import GRDBSQLite
import RoostArchive
package import RoostLog

/// Copies a SQLite database page by page while others read and write it.
package enum DatabaseCopy {
    /// Pages between two reports: 4 MiB of a partition file.
    private static let stepPages: Int32 = 256

    /// A database that may be in use, as it is at one moment, to a new file that is on disk when this returns.
    package static func copy(_ source: String, to target: String) throws(EventLogError) {
        do {
            let connection = try Connection(path: source, isReadOnly: true)
            // One state of it: otherwise the copy begins anew whenever somebody writes.
            try connection.execute("BEGIN; SELECT count(*) FROM sqlite_master")
            try copy(connection, to: target)
        } catch {
            throw error.whileReading(source)
        }
        try settle(target)
    }

    /// What `source` sees, which is one state of it when a read transaction is open. `report` gets the share that is done.
    static func copy(
        _ source: Connection, to target: String, report: (Double) -> Void = { _ in }
    ) throws(SQLiteFailure) {
        let target = try Connection(path: target, isReadOnly: false)
        try withExtendedLifetime((source, target)) { () throws(SQLiteFailure) in
            guard let backup = unsafe sqlite3_backup_init(target.handle, "main", source.handle, "main") else {
                throw unsafe SQLiteFailure(of: target.handle)
            }
            var stepped = SQLITE_OK
            while stepped == SQLITE_OK {
                stepped = unsafe sqlite3_backup_step(backup, stepPages)
                let (pages, rest) = unsafe (sqlite3_backup_pagecount(backup), sqlite3_backup_remaining(backup))
                report(1 - Double(rest) / Double(max(pages, 1)))
            }
            guard unsafe sqlite3_backup_finish(backup) == SQLITE_OK, stepped == SQLITE_DONE else {
                throw unsafe SQLiteFailure(of: target.handle)
            }
        }
    }

    /// Leaves a finished copy as one file that is on disk.
    static func settle(_ path: String) throws(EventLogError) {
        for suffix in ["-wal", "-shm", "-journal"] { try DurableFiles.remove(path + suffix) }
        try DurableFiles.sync(path)
    }
}
