import GRDBSQLite
package import RoostCore

/// A database of a projection or reactor, opened for reading beside the process that writes it.
///
/// One owner, one thread at a time; closes itself.
package struct ReadOnlyDatabase: ~Copyable {
    private let connection: OpaquePointer

    /// How long a read waits for a lock, which WAL readers practically never meet.
    private static let busyMilliseconds: Int32 = 2000

    package init(path: String) throws {
        var connection: OpaquePointer?
        let code = sqlite3_open_v2(path, &connection, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nil)
        guard code == SQLITE_OK, let connection else {
            let message = connection.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
            sqlite3_close_v2(connection)
            throw TableError(code: code, message: message, sql: "open \(path)")
        }
        self.connection = connection
        sqlite3_busy_timeout(connection, Self.busyMilliseconds)
    }

    deinit { sqlite3_close_v2(connection) }

    /// Runs `body` in one read transaction: everything it sees belongs to the same instant.
    package func snapshot<Result>(_ body: (borrowing ReadOnlyDatabase) throws -> Result) throws -> Result {
        _ = try rows("BEGIN")
        do {
            let result = try body(self)
            _ = try rows("COMMIT")
            return result
        } catch {
            _ = try rows("ROLLBACK")
            throw error
        }
    }

    /// The columns and rows of a statement with named parameters.
    package func rows(_ sql: String, _ parameters: [String: SQLValue] = [:]) throws -> (
        columns: [String], rows: [[SQLValue]]
    ) {
        var statement: OpaquePointer?
        guard sqlite3_prepare_v2(connection, sql, -1, &statement, nil) == SQLITE_OK, let statement else {
            throw error(sql)
        }
        defer { sqlite3_finalize(statement) }
        for (name, value) in parameters {
            let index = sqlite3_bind_parameter_index(statement, ":" + name)
            guard index > 0 else { continue }
            guard Tables.bind(value, to: statement, at: index) == SQLITE_OK else { throw error(sql) }
        }
        let columns = (0..<sqlite3_column_count(statement)).map { String(cString: sqlite3_column_name(statement, $0)) }
        var rows: [[SQLValue]] = []
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_ROW: rows.append(Tables.values(of: statement))
            case SQLITE_DONE: return (columns, rows)
            default: throw error(sql)
            }
        }
    }

    /// Whether there is a table or index of this name: while a database is being made there is none.
    package func has(_ name: String) throws -> Bool {
        try !rows("SELECT 1 FROM sqlite_master WHERE name = :name", ["name": .text(name)]).rows.isEmpty
    }

    /// The digests of the tables of a projection. Inside one `snapshot`.
    package func roots(of projection: any Projection.Type) throws -> [TableRoot] {
        try TableDigest.roots(of: projection.tables, in: connection)
    }

    /// The digests of what a projection has parked and discarded. Inside one `snapshot`.
    package func setAsideRoots() throws -> [TableRoot] { try TableDigest.setAside(in: connection) }

    /// Of the rows of a projection as they are on disk. Inside one `snapshot`.
    func hash(of projection: any Projection.Type) throws -> RowHash {
        try RowHash.ofRows(projection.tables, in: connection)
    }

    /// Where events are parked; nil where they are more than `count`. Inside one `snapshot`.
    func parkedPlaces(atMost count: Int) throws -> Set<EventPlace>? {
        guard try has("roost_parked") else { return [] }
        let rows = try rows("SELECT partition, position FROM roost_parked LIMIT \(count + 1)").rows
        guard rows.count <= count else { return nil }
        return Set(
            rows.map { row in
                EventPlace(
                    partition: PartitionID(UInt32(clamping: row[0].integer ?? 0)),
                    position: Position(UInt64(clamping: row[1].integer ?? 0)))
            })
    }

    /// Where a projection has been, as far as it kept that. Inside one `snapshot`.
    func journal() throws -> Journal { try has("roost_journal") ? Journal { try rows($0).rows } : Journal() }

    /// The checkpoints of a reader; none while its database is being made.
    package func progress() throws -> [PartitionID: Progress] {
        guard try has("roost_progress") else { return [:] }
        let found = try rows(
            "SELECT partition, position, epoch, applied, parked, discarded, digest FROM roost_progress")
        let pairs = found.rows.map { row in
            let numbers = row.map { UInt64($0.integer ?? 0) }
            let progress = Progress(
                position: Position(numbers[1]), epoch: Epoch(numbers[2]), digest: row[6].bytes ?? [],
                applied: numbers[3],
                parked: numbers[4], discarded: numbers[5])
            return (PartitionID(UInt32(numbers[0])), progress)
        }
        return Dictionary(uniqueKeysWithValues: pairs)
    }

    private func error(_ sql: String) -> TableError {
        TableError(
            code: sqlite3_extended_errcode(connection), message: String(cString: sqlite3_errmsg(connection)), sql: sql)
    }
}
