import CSQLiteOptions
import GRDB
import GRDBSQLite
import RoostLog

/// One connection to a partition file. GRDB opens and closes it; its owner works on the handle, one call at a time.
///
/// The file is closed when the connection and the last of its statements are gone.
@safe final class Connection {
    let path: String
    let handle: OpaquePointer
    private let queue: DatabaseQueue

    /// A writing connection makes the file if it is missing, so check first.
    init(path: String, isReadOnly: Bool) throws(SQLiteFailure) {
        var configuration = Configuration()
        configuration.readonly = isReadOnly
        configuration.foreignKeysEnabled = false
        // Whoever opens the file first after a crash recovers it, and the others wait. A claim ends a writer's waiting.
        configuration.busyMode = .timeout(2)
        do {
            queue = try DatabaseQueue(path: path, configuration: configuration)
            unsafe handle = unsafe try queue.inDatabase { database in
                guard let handle = unsafe database.sqliteConnection else {
                    throw SQLiteFailure(code: SQLITE_CANTOPEN, message: "no handle")
                }
                return unsafe handle
            }
        } catch let error as DatabaseError {
            throw SQLiteFailure(
                code: error.extendedResultCode.rawValue, message: error.message ?? "cannot open the file")
        } catch let failure as SQLiteFailure {
            throw failure
        } catch {
            throw SQLiteFailure(code: SQLITE_ERROR, message: "\(error)")
        }
        self.path = path
        // GRDB's observers expect its own statements and its own queue; here both are ours.
        unsafe sqlite3_commit_hook(handle, nil, nil)
        unsafe sqlite3_rollback_hook(handle, nil, nil)
        unsafe sqlite3_set_authorizer(handle, nil, nil)
    }

    func execute(_ sql: String) throws(SQLiteFailure) {
        guard unsafe sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else {
            throw unsafe SQLiteFailure(of: handle)
        }
    }

    func prepare(_ sql: String) throws(SQLiteFailure) -> Statement { unsafe try Statement(handle, sql) }

    /// The first column of the first row, as a number; nil without a row or for NULL.
    func number(_ sql: String) throws(SQLiteFailure) -> UInt64? {
        let statement = try prepare(sql)
        guard try statement.step(), !statement.isNull(0) else { return nil }
        return statement.unsigned(0)
    }

    /// No transaction is open.
    var isIdle: Bool { unsafe sqlite3_get_autocommit(handle) != 0 }

    /// The number of the row inserted last.
    var newestRow: UInt64 { UInt64(bitPattern: unsafe sqlite3_last_insert_rowid(handle)) }

    /// How long to wait for a lock that another process holds.
    func waitForLocks(milliseconds: Int32) { unsafe sqlite3_busy_timeout(handle, milliseconds) }

    /// Keeps the -wal and -shm files when the last connection closes, so that a reader can always open the file.
    func keepSideFiles() {
        var keep: Int32 = 1
        unsafe sqlite3_file_control(handle, "main", SQLITE_FCNTL_PERSIST_WAL, &keep)
    }

    /// For the owner's connection only: the triggers of the file go off, and all but one come back for this connection.
    ///
    /// The one that looks at the position of every row costs half as much as the insert itself. Its work is done by
    /// SQLite, which chooses the positions of what the owner inserts, always the one after the newest. A REPLACE fires
    /// the triggers of DELETE here.
    func leaveOrderToSQLite() throws(SQLiteFailure) {
        guard unsafe roost_sqlite_enable_triggers(UnsafeMutableRawPointer(handle), 0) == SQLITE_OK else {
            throw unsafe SQLiteFailure(of: handle)
        }
        try execute("PRAGMA temp_store = MEMORY; PRAGMA recursive_triggers = ON; \(Schema.rulesOfOwner)")
    }

    /// The file was renamed or deleted since it was opened.
    var hasMoved: Bool {
        var moved: Int32 = 0
        unsafe sqlite3_file_control(handle, "main", SQLITE_FCNTL_HAS_MOVED, &moved)
        return moved != 0
    }
}
