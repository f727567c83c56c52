import CRowHash
import GRDBSQLite

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A sum over all rows of a projection: it grows and shrinks with each row that is written, and comes out the same for the same
/// rows in whatever order they were written.
///
/// It tells accidents apart, not forgeries: the proof that rows are equal is `TableDigest`.
struct RowHash: Hashable, Sendable {
    /// Of no rows.
    static let none = RowHash(low: 0, high: 0)

    private let low: UInt64
    private let high: UInt64

    private init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    fileprivate init(_ hash: roost_row_hash) { self.init(low: hash.low, high: hash.high) }

    fileprivate var sum: roost_row_hash { roost_row_hash(low: low, high: high) }

    /// As sixteen bytes of SQLite, which has no unsigned numbers.
    var bytes: [UInt8] { [low, high].flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } } }

    /// nil for anything else than sixteen bytes.
    init?(bytes: [UInt8]) {
        guard bytes.count == 16 else { return nil }
        func word(_ start: Int) -> UInt64 { (0..<8).reduce(0) { $0 | UInt64(bytes[start + $1]) << ($1 * 8) } }
        self.init(low: word(0), high: word(8))
    }

    /// Of the rows as they are in the database. One transaction, or nobody who writes.
    static func ofRows(_ tables: [TableDefinition], in connection: OpaquePointer) throws -> RowHash {
        var sum = roost_row_hash()
        for table in tables where table.kind == .rows {
            let sql = "SELECT * FROM \(table.name)"
            let code = roost_row_hash_add(UnsafeMutableRawPointer(connection), sql, table.name, &sum)
            guard code == SQLITE_OK else {
                throw TableError(code: code, message: String(cString: sqlite3_errmsg(connection)), sql: sql)
            }
        }
        return RowHash(sum)
    }
}

/// Follows what a connection does to the rows of some tables, whatever statements do it. Confined to the connection's thread.
final class RowWatch {
    private let watch: OpaquePointer

    /// Takes part in no rollback: whoever rolls back sets `hash` to what it was.
    var hash: RowHash {
        get { RowHash(roost_row_watch_get(watch)) }
        set { roost_row_watch_set(watch, newValue.sum) }
    }

    /// A value could not be read, so `hash` says nothing any more.
    var hasFailed: Bool { roost_row_watch_failed(watch) != 0 }

    /// Begins with no rows. The connection must outlive this object.
    init(_ tables: [TableDefinition], of connection: OpaquePointer) throws {
        let names = tables.filter { $0.kind == .rows }.map { strdup($0.name) }
        defer { for name in names { free(name) } }
        let pointers = names.map { UnsafePointer($0) }
        guard
            let watch = roost_row_watch_start(UnsafeMutableRawPointer(connection), pointers, Int32(pointers.count))
        else { throw ReaderFailure("the memory is full") }
        self.watch = watch
    }

    deinit { roost_row_watch_stop(watch) }
}
