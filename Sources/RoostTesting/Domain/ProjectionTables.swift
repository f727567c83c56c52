import GRDBSQLite
public import RoostCore
import RoostJSON
public import RoostNode

/// The tables of one projection in memory, made by feeding it events one by one. Confined to one thread.
public final class ProjectionTables {
    private let projection: any Projection.Type
    private let connection: OpaquePointer
    private let tables: Tables
    private let decoder = JSONPayloadDecoder()
    private let routes: [String: ProjectionRoute]

    /// Empty tables. Throws when two routes are for the same type, as only one would run.
    public init(_ projection: any Projection.Type) throws {
        let routes = Dictionary(grouping: projection.routes, by: \.type)
        if let twice = routes.filter({ $0.value.count > 1 }).keys.min() {
            throw SpecFailure("\(projection.name) has two routes for '\(twice)': make them one")
        }
        var opened: OpaquePointer?
        guard sqlite3_open(":memory:", &opened) == SQLITE_OK, let opened else {
            throw SpecFailure("SQLite opens no database in memory")
        }
        self.projection = projection
        connection = opened
        tables = Tables(connection: opened)
        self.routes = routes.compactMapValues(\.first)
        for table in projection.tables { try execute(table.sql) }
    }

    deinit {
        tables.close()
        sqlite3_close(connection)
    }

    /// Does what the projection does about `event`; nothing when it has no route for its type.
    public func apply(_ event: RecordedEvent) throws {
        try routes[event.type]?.apply(event, decoder, tables)
    }

    /// All rows of all ordinary tables in the order of their keys. Throws when a full-text table does not agree with
    /// its content.
    public func contents() throws -> [String: [[SQLValue]]] {
        var contents: [String: [[SQLValue]]] = [:]
        for table in projection.tables {
            switch table.kind {
            case .rows:
                let key = table.key.joined(separator: ", ")
                contents[table.name] = try tables.rows("SELECT * FROM \(table.name) ORDER BY \(key)")
            case .fullText:
                try execute("INSERT INTO \(table.name)(\(table.name), rank) VALUES('integrity-check', 1)")
            }
        }
        return contents
    }

    /// The rows that one of the projection's queries answers, by column.
    public func query(_ name: String, _ values: [String: SQLValue] = [:]) throws -> [[String: SQLValue]] {
        guard let query = projection.queries.first(where: { $0.name == name }) else {
            throw SpecFailure("\(projection.name) has no query '\(name)'")
        }
        var statement: OpaquePointer?
        guard sqlite3_prepare_v2(connection, query.sql, -1, &statement, nil) == SQLITE_OK, let statement else {
            throw failure(query.sql)
        }
        defer { sqlite3_finalize(statement) }
        for parameter in query.parameters {
            guard let value = values[parameter.name] ?? parameter.standard else {
                throw SpecFailure("query '\(name)' needs \(parameter.name)")
            }
            let index = sqlite3_bind_parameter_index(statement, ":\(parameter.name)")
            guard Tables.bind(value, to: statement, at: index) == SQLITE_OK else { throw failure(query.sql) }
        }
        return try rows(of: statement, query.sql)
    }

    private func rows(of statement: OpaquePointer, _ sql: String) throws -> [[String: SQLValue]] {
        var rows: [[String: SQLValue]] = []
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_ROW:
                var row: [String: SQLValue] = [:]
                for (index, value) in Tables.values(of: statement).enumerated() {
                    row[String(cString: sqlite3_column_name(statement, Int32(index)))] = value
                }
                rows.append(row)
            case SQLITE_DONE: return rows
            default: throw failure(sql)
            }
        }
    }

    private func execute(_ sql: String) throws {
        guard sqlite3_exec(connection, sql, nil, nil, nil) == SQLITE_OK else { throw failure(sql) }
    }

    private func failure(_ sql: String) -> TableError {
        TableError(
            code: sqlite3_extended_errcode(connection), message: String(cString: sqlite3_errmsg(connection)), sql: sql)
    }
}
