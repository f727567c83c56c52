import GRDBSQLite

/// The tables of one projection, open for writing inside the transaction that also moves the checkpoint.
///
/// Statements are prepared once per text, so use constant texts and pass values. Confined to the projector's thread.
public final class Tables {
    private let connection: OpaquePointer
    private var statements: [String: OpaquePointer] = [:]
    /// The first few of them, found by comparing: a constant text equals itself without looking at its bytes, while
    /// its hash costs as much as a row.
    private var frequent: [(sql: String, statement: OpaquePointer)] = []
    private static let frequentMax = 8

    /// `connection` must outlive this object and belong to the calling thread.
    package init(connection: OpaquePointer) { self.connection = connection }

    /// Gives the prepared statements back; call before the connection closes.
    package func close() {
        for statement in statements.values { sqlite3_finalize(statement) }
        statements.removeAll()
        frequent.removeAll()
    }

    /// False where the database has ended the transaction by itself, as on a full disk.
    var isInTransaction: Bool { sqlite3_get_autocommit(connection) == 0 }

    /// Runs a statement that returns no rows.
    public func run(_ sql: String, _ values: SQLValue...) throws(TableError) {
        let statement = try bound(sql, values)
        defer { sqlite3_reset(statement) }
        let code = sqlite3_step(statement)
        guard code == SQLITE_DONE || code == SQLITE_ROW else { throw error(sql) }
    }

    /// The first row, or nil.
    public func row(_ sql: String, _ values: SQLValue...) throws(TableError) -> [SQLValue]? {
        try row(sql, values: values)
    }

    func row(_ sql: String, values: [SQLValue]) throws(TableError) -> [SQLValue]? {
        let statement = try bound(sql, values)
        defer { sqlite3_reset(statement) }
        switch sqlite3_step(statement) {
        case SQLITE_ROW: return Self.values(of: statement)
        case SQLITE_DONE: return nil
        default: throw error(sql)
        }
    }

    /// All rows. Meant for few: a handler reads what it changes.
    public func rows(_ sql: String, _ values: SQLValue...) throws(TableError) -> [[SQLValue]] {
        let statement = try bound(sql, values)
        defer { sqlite3_reset(statement) }
        var rows: [[SQLValue]] = []
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_ROW: rows.append(Self.values(of: statement))
            case SQLITE_DONE: return rows
            default: throw error(sql)
            }
        }
    }

    /// The names of a statement's columns.
    func columns(_ sql: String) throws(TableError) -> [String] {
        let statement = try prepared(sql)
        return (0..<sqlite3_column_count(statement)).map { String(cString: sqlite3_column_name(statement, $0)) }
    }

    /// Visits all rows without keeping them.
    package func forEach(_ sql: String, _ body: ([SQLValue]) throws -> Void) throws {
        let statement = try bound(sql, [])
        defer { sqlite3_reset(statement) }
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_ROW: try body(Self.values(of: statement))
            case SQLITE_DONE: return
            default: throw error(sql)
            }
        }
    }

    private func bound(_ sql: String, _ values: [SQLValue]) throws(TableError) -> OpaquePointer {
        let statement = try prepared(sql)
        for (index, value) in values.enumerated() {
            guard Self.bind(value, to: statement, at: Int32(index + 1)) == SQLITE_OK else { throw error(sql) }
        }
        return statement
    }

    private func prepared(_ sql: String) throws(TableError) -> OpaquePointer {
        for known in frequent where known.sql == sql { return known.statement }
        if let statement = statements[sql] { return statement }
        var statement: OpaquePointer?
        let code = sqlite3_prepare_v3(connection, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
        guard code == SQLITE_OK, let statement else { throw error(sql) }
        statements[sql] = statement
        if frequent.count < Self.frequentMax { frequent.append((sql, statement)) }
        return statement
    }

    private func error(_ sql: String) -> TableError {
        TableError(
            code: sqlite3_extended_errcode(connection), message: String(cString: sqlite3_errmsg(connection)), sql: sql)
    }

    package static func bind(_ value: SQLValue, to statement: OpaquePointer, at index: Int32) -> Int32 {
        let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        switch value {
        case .null: return sqlite3_bind_null(statement, index)
        case .integer(let value): return sqlite3_bind_int64(statement, index, value)
        case .real(let value): return sqlite3_bind_double(statement, index, value)
        case .text(var value):
            return value.withUTF8 { utf8 in
                utf8.withMemoryRebound(to: CChar.self) {
                    sqlite3_bind_text(statement, index, $0.baseAddress, Int32($0.count), transient)
                }
            }
        case .blob(let value):
            return value.withUnsafeBytes {
                $0.isEmpty
                    ? sqlite3_bind_zeroblob(statement, index, 0)
                    : sqlite3_bind_blob(statement, index, $0.baseAddress, Int32($0.count), transient)
            }
        }
    }

    package static func values(of statement: OpaquePointer) -> [SQLValue] {
        (0..<sqlite3_column_count(statement)).map { value(of: statement, at: $0) }
    }

    package static func value(of statement: OpaquePointer, at index: Int32) -> SQLValue {
        switch sqlite3_column_type(statement, index) {
        case SQLITE_INTEGER: return .integer(sqlite3_column_int64(statement, index))
        case SQLITE_FLOAT: return .real(sqlite3_column_double(statement, index))
        case SQLITE_TEXT:
            let count = Int(sqlite3_column_bytes(statement, index))
            let bytes = UnsafeBufferPointer(start: sqlite3_column_text(statement, index), count: count)
            return .text(String(decoding: bytes, as: UTF8.self))
        case SQLITE_BLOB:
            let count = Int(sqlite3_column_bytes(statement, index))
            return .blob(Array(UnsafeRawBufferPointer(start: sqlite3_column_blob(statement, index), count: count)))
        default: return .null
        }
    }
}

/// SQLite refused a statement of a projection: its code, its message and the statement, never the values.
public struct TableError: Error, Sendable, CustomStringConvertible {
    /// SQLite's extended result code.
    public let code: Int32
    /// In SQLite's words.
    public let message: String
    /// The statement with its placeholders, so without any value.
    public let sql: String

    package init(code: Int32, message: String, sql: String) {
        self.code = code
        self.message = message
        self.sql = sql
    }

    /// Message, code and statement in one line.
    public var description: String { "\(message) (SQLite \(code)) in: \(sql)" }
}
