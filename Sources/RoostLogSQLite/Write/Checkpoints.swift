import GRDBSQLite

/// Moves the write-ahead log into the partition file, on the writing connection only: releases of SQLite before 3.51.3
/// can corrupt a file when one connection checkpoints while another commits.
@safe final class Checkpoints {
    /// A checkpoint runs when the write-ahead log has grown by so many pages: about 1 MiB.
    static let intervalPages: Int32 = 64
    private let connection: Connection
    private let pages: UnsafeMutablePointer<Int32>
    private var lastPages: Int32 = 0

    init(_ connection: Connection) {
        self.connection = connection
        unsafe pages = .allocate(capacity: 1)
        unsafe pages.initialize(to: 0)
        // SQLite calls this after each commit, on the committing thread.
        unsafe sqlite3_wal_hook(
            connection.handle,
            { context, _, _, count in
                unsafe context?.assumingMemoryBound(to: Int32.self).pointee = count
                return SQLITE_OK
            }, unsafe pages)
    }

    deinit { unsafe pages.deallocate() }

    /// Pages of the write-ahead log after the newest commit.
    var walPages: Int32 { unsafe pages.pointee }

    /// Takes the hook away, so that the connection may outlive this object.
    func stop() { unsafe sqlite3_wal_hook(connection.handle, nil, nil) }

    /// Empties the write-ahead log before the writer closes. What fails here is left to the next claim.
    func finish() {
        unsafe sqlite3_wal_checkpoint_v2(connection.handle, nil, SQLITE_CHECKPOINT_TRUNCATE, nil, nil)
    }

    /// Runs a checkpoint when one is due. A reader in the way, or a full disk, postpones the rest to the next one.
    func runIfDue() throws(SQLiteFailure) {
        if walPages < lastPages { lastPages = 0 }
        guard walPages - lastPages >= Self.intervalPages else { return }
        lastPages = walPages
        let result = unsafe sqlite3_wal_checkpoint_v2(connection.handle, nil, SQLITE_CHECKPOINT_FULL, nil, nil)
        guard [SQLITE_OK, SQLITE_BUSY, SQLITE_LOCKED, SQLITE_FULL].contains(result & 0xFF) else {
            throw SQLiteFailure(code: result, message: unsafe "checkpoint: \(String(cString: sqlite3_errstr(result)))")
        }
    }
}
