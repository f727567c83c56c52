import GRDBSQLite

/// A prepared statement. Used by whoever may use its connection.
@safe final class Statement {
    private let handle: OpaquePointer
    private let database: OpaquePointer

    init(_ database: OpaquePointer, _ sql: String) throws(SQLiteFailure) {
        var prepared: OpaquePointer?
        let flags = UInt32(SQLITE_PREPARE_PERSISTENT)
        guard unsafe sqlite3_prepare_v3(database, sql, -1, flags, &prepared, nil) == SQLITE_OK,
            let prepared = unsafe prepared
        else {
            throw unsafe SQLiteFailure(of: database)
        }
        unsafe handle = unsafe prepared
        unsafe self.database = unsafe database
    }

    deinit { unsafe sqlite3_finalize(handle) }

    /// Runs to the next row; false at the end, after which the statement is ready to run again.
    @inline(__always)
    func step() throws(SQLiteFailure) -> Bool {
        switch unsafe sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE:
            unsafe sqlite3_reset(handle)
            return false
        default:
            let failure = unsafe SQLiteFailure(of: database)
            unsafe sqlite3_reset(handle)
            throw failure
        }
    }

    /// Runs a statement that returns no rows.
    @inline(__always)
    func run() throws(SQLiteFailure) { while try step() {} }

    func reset() { unsafe sqlite3_reset(handle) }
}

/// Parameters are numbered from 1.
extension Statement {
    @inline(__always)
    func bind(_ index: Int32, _ value: Int64) { unsafe sqlite3_bind_int64(handle, index, value) }

    @inline(__always)
    func bind(_ index: Int32, _ value: UInt64) { unsafe sqlite3_bind_int64(handle, index, Int64(bitPattern: value)) }

    func bind(_ index: Int32, _ text: String) {
        var text = text
        text.withUTF8 { bytes in
            let base = unsafe UnsafeRawPointer(bytes.baseAddress)?.assumingMemoryBound(to: CChar.self)
            unsafe sqlite3_bind_text(handle, index, base, Int32(bytes.count), Self.copied)
        }
    }

    func bind(_ index: Int32, _ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { unsafe bind(index, copying: $0) }
    }

    func bind(_ index: Int32, copying bytes: UnsafeRawBufferPointer) {
        unsafe sqlite3_bind_blob(handle, index, bytes.baseAddress, Int32(bytes.count), Self.copied)
    }

    /// The bytes must stay where they are until the statement has run.
    @inline(__always)
    func bind(_ index: Int32, staticText bytes: UnsafeRawPointer, count: Int) {
        unsafe sqlite3_bind_text(handle, index, bytes.assumingMemoryBound(to: CChar.self), Int32(count), nil)
    }

    /// The bytes must stay where they are until the statement has run.
    @inline(__always)
    func bind(_ index: Int32, staticBytes bytes: UnsafeRawPointer, count: Int) {
        unsafe sqlite3_bind_blob(handle, index, bytes, Int32(count), nil)
    }

    /// NULL when there is nothing.
    @inline(__always)
    func bind(_ index: Int32, optionalText bytes: UnsafeRawPointer, count: Int) {
        if count == 0 {
            unsafe sqlite3_bind_null(handle, index)
        } else {
            unsafe bind(index, staticText: bytes, count: count)
        }
    }

    /// NULL when there is nothing.
    @inline(__always)
    func bind(_ index: Int32, optionalBytes bytes: UnsafeRawPointer, count: Int) {
        if count == 0 {
            unsafe sqlite3_bind_null(handle, index)
        } else {
            unsafe bind(index, staticBytes: bytes, count: count)
        }
    }

    private static var copied: sqlite3_destructor_type { unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self) }
}

/// Columns are numbered from 0. What a pointer shows is valid until the next step or reset.
extension Statement {
    @inline(__always)
    func int(_ column: Int32) -> Int64 { unsafe sqlite3_column_int64(handle, column) }

    @inline(__always)
    func unsigned(_ column: Int32) -> UInt64 { unsafe UInt64(bitPattern: sqlite3_column_int64(handle, column)) }

    func isNull(_ column: Int32) -> Bool { unsafe sqlite3_column_type(handle, column) == SQLITE_NULL }

    /// The bytes of a text or a blob; empty for NULL.
    @inline(__always)
    func bytes(_ column: Int32) -> UnsafeRawBufferPointer {
        let base = unsafe sqlite3_column_blob(handle, column)
        return unsafe UnsafeRawBufferPointer(start: base, count: Int(sqlite3_column_bytes(handle, column)))
    }

    func text(_ column: Int32) -> String { unsafe String(decoding: bytes(column), as: UTF8.self) }

    /// 16 bytes, most significant first; zero for anything else.
    @inline(__always)
    func bits(_ column: Int32) -> UInt128 {
        let bytes = unsafe bytes(column)
        guard bytes.count == 16 else { return 0 }
        let high = unsafe UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self))
        let low = unsafe UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        return UInt128(high) << 64 | UInt128(low)
    }
}

/// 16 bytes, most significant first: how identifiers are stored.
func bigEndianBytes(_ bits: UInt128) -> [UInt8] {
    (0..<16).map { UInt8(truncatingIfNeeded: bits >> (120 - 8 * $0)) }
}
