import GRDBSQLite
import RoostCore
import RoostLog

/// A call of SQLite that failed, with its extended result code. Its message names no values.
struct SQLiteFailure: Error, Sendable, CustomStringConvertible {
    let code: Int32
    let message: String
    /// What failed when it was not SQLite but an archive that holds what was asked for.
    let archive: EventLogError?

    init(code: Int32, message: String) {
        self.code = code
        self.message = message
        archive = nil
    }

    init(_ archive: EventLogError) {
        code = SQLITE_IOERR
        message = archive.message
        self.archive = archive
    }

    /// The newest failure of a connection.
    init(of database: OpaquePointer) {
        unsafe self.init(code: sqlite3_extended_errcode(database), message: String(cString: sqlite3_errmsg(database)))
    }

    var description: String { "SQLite \(code): \(message)" }
    var primary: Int32 { code & 0xFF }

    /// What a failure means for somebody who only reads.
    func whileReading(_ path: String) -> EventLogError {
        if let archive { return archive }
        return switch primary {
        case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_ERROR, SQLITE_FORMAT: .damaged(path, cause: self)
        case SQLITE_CANTOPEN: .unreadable(path, cause: self)
        default:
            EventLogError(.unavailable, "partition file \(path) cannot be read now; try again", cause: self)
        }
    }

    /// What a failure means for the writer, after it has rolled back.
    func whileWriting(_ path: String) -> EventLogError {
        // Whether a command is known cannot be told now; what needs no archive goes on.
        if let archive { return EventLogError(.unavailable, archive.message, cause: archive.cause) }
        return switch primary {
        case SQLITE_FULL:
            EventLogError(
                .unavailable, "no space left for partition file \(path): free some, then go on", cause: self)
        case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL:
            EventLogError(.unavailable, "another process is claiming or writing \(path); try again", cause: self)
        case SQLITE_READONLY, SQLITE_PERM, SQLITE_CANTOPEN:
            EventLogError(
                .unavailable, "partition file \(path) or its directory is read-only: make both writable", cause: self)
        case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_CONSTRAINT: .damaged(path, cause: self)
        default:
            EventLogError(
                .outcomeUnknown,
                "writing \(path) failed, and nobody knows whether the commit landed: claim the partition anew",
                cause: self)
        }
    }
}

extension EventLogError {
    static func damaged(_ path: String, cause: (any Error)? = nil) -> EventLogError {
        EventLogError(
            .corrupt,
            "partition file \(path) is damaged: run 'roost log verify' to see what is left, then restore the file",
            cause: cause)
    }

    static func unreadable(_ path: String, cause: (any Error)? = nil) -> EventLogError {
        EventLogError(
            .unavailable,
            "partition file \(path) cannot be opened: check that this user may read it, its -wal and its -shm file",
            cause: cause)
    }

    /// The failure of SQLite behind the error.
    var failure: SQLiteFailure? { cause as? SQLiteFailure }
}

extension SQLiteFailure {
    /// Positions do not follow each other.
    static func hole(after position: Position, found: Position) -> SQLiteFailure {
        SQLiteFailure(code: SQLITE_CORRUPT, message: "position \(position.next) expected, \(found) found")
    }
}
