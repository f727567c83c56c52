import Crypto
import GRDBSQLite
import RoostCore

/// The proof that two projections hold the same rows: SHA-256 over the canonical rows of each table in key order, as a
/// Merkle tree whose leaves are cut by content, so that one missing row does not shift all later leaves.
///
/// A canonical row is the values in the order of the declaration: a tag byte, then eight bytes little-endian for
/// numbers, or a length of eight bytes and the bytes of a text or blob. Negative zero counts as zero.
package enum TableDigest {
    /// Each table that is compared, in the order of declaration. Run inside one read transaction.
    package static func roots(of tables: [TableDefinition], in connection: OpaquePointer) throws -> [TableRoot] {
        try tables.filter { $0.kind == .rows }.map { try digest($0, in: connection) }
    }

    /// The root over the roots of tables.
    package static func root(of tables: [TableRoot]) -> [UInt8] {
        var root = SHA256()
        for table in tables {
            root.update(data: Array(table.name.utf8))
            root.update(data: table.root)
        }
        return Array(root.finalize())
    }

    /// The first full-text index that does not match its content; nil when all do. Needs a handle that may write, though
    /// nothing changes.
    package static func brokenFullText(
        of tables: [TableDefinition], in connection: OpaquePointer
    ) throws -> String? {
        try tables.first { try $0.kind == .fullText && !isWhole($0, in: connection) }?.name
    }

    /// Which events are parked, and which are discarded: one root for each set that is not empty. When, why and how often is not
    /// in it.
    package static func setAside(in connection: OpaquePointer) throws -> [TableRoot] {
        let tables = Tables(connection: connection)
        defer { tables.close() }
        return try ["roost_parked", "roost_discarded"].filter {
            try tables.row("SELECT 1 FROM sqlite_master WHERE name = ?", .text($0)) != nil
        }.map {
            try digest($0, Self.placesSQL($0), in: connection)
        }.filter { $0.rows > 0 }
    }

    /// Up to the checkpoint: a copy knows of later ones that are discarded.
    private static func placesSQL(_ table: String) -> String {
        """
        SELECT partition, position FROM \(table) AS event WHERE position <=
            (SELECT position FROM roost_progress AS progress WHERE progress.partition = event.partition)
        ORDER BY partition, position
        """
    }

    private static func digest(_ table: TableDefinition, in connection: OpaquePointer) throws -> TableRoot {
        let key = table.key.joined(separator: ", ")
        return try digest(table.name, "SELECT * FROM \(table.name) ORDER BY \(key)", in: connection)
    }

    private static func digest(_ name: String, _ sql: String, in connection: OpaquePointer) throws -> TableRoot {
        let tables = Tables(connection: connection)
        defer { tables.close() }
        var tree = SHA256()
        var leaf = SHA256()
        var rows: UInt64 = 0
        try tables.forEach(sql) { row in
            let bytes = canonical(row)
            rows += 1
            leaf.update(data: bytes)
            if bytes.withUnsafeBytes({ StableHash.folded($0) }) % 1024 == 0 {
                tree.update(data: Array(leaf.finalize()))
                leaf = SHA256()
            }
        }
        tree.update(data: Array(leaf.finalize()))
        return TableRoot(name: name, rows: rows, root: Array(tree.finalize()))
    }

    /// FTS5 proves itself: its index against its content, which it reads only when the rank is not zero.
    private static func isWhole(_ table: TableDefinition, in connection: OpaquePointer) throws -> Bool {
        let code = sqlite3_exec(
            connection, "INSERT INTO \(table.name)(\(table.name), rank) VALUES('integrity-check', 1)", nil, nil, nil)
        if code & 0xff == SQLITE_CORRUPT { return false }
        guard code == SQLITE_OK else {
            throw ReaderFailure(
                "the full-text index \(table.name) cannot be checked: " + String(cString: sqlite3_errmsg(connection)))
        }
        return true
    }

    package static func canonical(_ row: [SQLValue]) -> [UInt8] {
        var bytes: [UInt8] = []
        for value in row { append(value, to: &bytes) }
        return bytes
    }

    private static func append(_ value: SQLValue, to bytes: inout [UInt8]) {
        switch value {
        case .null: bytes.append(0)
        case .integer(let value): append(1, UInt64(bitPattern: value), to: &bytes)
        case .real(let value): append(2, (value == 0 ? 0.0 : value).bitPattern, to: &bytes)
        case .text(let value):
            append(3, UInt64(value.utf8.count), to: &bytes)
            bytes.append(contentsOf: value.utf8)
        case .blob(let value):
            append(4, UInt64(value.count), to: &bytes)
            bytes.append(contentsOf: value)
        }
    }

    private static func append(_ tag: UInt8, _ number: UInt64, to bytes: inout [UInt8]) {
        bytes.append(tag)
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }
}

/// What one table holds: how many rows, and the root of the digest over them.
package struct TableRoot: Hashable, Sendable {
    package let name: String
    package let rows: UInt64
    package let root: [UInt8]

    package init(name: String, rows: UInt64, root: [UInt8]) {
        self.name = name
        self.rows = rows
        self.root = root
    }
}
