import GRDBSQLite
package import RoostCore
import RoostLog

/// Applies events to the tables of one projection. State and checkpoint move in one transaction.
package final class ProjectionStore {
    package let store: ReaderStore
    private let routes: RouteTable<ProjectionRoute>
    private let wholeLog: (any WholeLogProjection.Type)?
    private let decoder: EventDecoder
    private let name: String
    private let definitions: [TableDefinition]
    private var tables: Tables?
    package private(set) var progress: [PartitionID: Progress]
    /// Its rows were shown to others: every transaction is synced, and it is never made again.
    let isPublished: Bool

    package init(
        _ projection: any Projection.Type, path: String?, logID: LogID, codec: PayloadCodec, isPublished: Bool = false
    ) throws {
        name = projection.name
        definitions = projection.tables
        store = try ReaderStore(
            path: path, logID: logID, name: projection.name, revision: projection.revision,
            tables: projection.tables.map(\.sql), isSynced: isPublished)
        self.isPublished = isPublished
        routes = try RouteTable(of: projection.name, projection.routes, upcasters: codec.upcasters)
        wholeLog = projection as? any WholeLogProjection.Type
        decoder = codec.makeEventDecoder()
        progress = try store.progress()
    }

    package func close() throws {
        tables?.close()
        tables = nil
        try store.close()
    }

    /// The digest of all rows: equal for equal rows, whatever the order in which they were written.
    package func root() throws -> [UInt8] { TableDigest.root(of: try roots()) }

    /// The digest of each table's rows.
    package func roots() throws -> [TableRoot] {
        try store.withConnection { connection in
            if let broken = try TableDigest.brokenFullText(of: definitions, in: connection) {
                throw ReaderFailure("the full-text index \(broken) does not match its content")
            }
            return try TableDigest.roots(of: definitions, in: connection)
        }
    }

    /// Where the projection stands in a partition.
    package func progress(_ partition: PartitionID) -> Progress { progress[partition] ?? Progress() }

    /// Runs `body` in one transaction: everything it applies and every checkpoint it moves, or nothing.
    package func transaction(_ body: () throws -> Void) throws {
        let before = progress
        try store.withConnection { connection in
            let tables = self.tables ?? Tables(connection: connection)
            self.tables = tables
            try tables.run("BEGIN IMMEDIATE")
            do {
                try body()
                try saveChanges(since: before, tables)
                Failpoint.beforeProjectionCommit.reach()
                try tables.run("COMMIT")
                Failpoint.afterProjectionCommit.reach()
            } catch {
                progress = before
                // A full disk may have rolled it back already.
                if sqlite3_get_autocommit(connection) == 0 { try tables.run("ROLLBACK") }
                throw error
            }
        }
    }

    /// Goes on from a checkpoint although the routes were changed: for what is never made again.
    func recount(_ reader: any PartitionReader) throws {
        try transaction {
            guard let tables, try ReaderStore.countedTypes(reader.partition, tables) != routes.types else { return }
            progress[reader.partition] = try progress(reader.partition).recounted(by: routes.types, reader)
            try ReaderStore.saveCountedTypes(routes.types, reader.partition, tables)
        }
    }

    /// Reads rows beside the transactions.
    package func rows(_ sql: String, _ value: SQLValue) throws -> [[SQLValue]] {
        try store.withConnection { connection in
            let tables = self.tables ?? Tables(connection: connection)
            self.tables = tables
            return try tables.rows(sql, value)
        }
    }

    /// Applies contiguous events of one partition; inside `transaction` only.
    package func apply(_ events: some Sequence<RecordedEvent>, of partition: PartitionID) throws {
        guard let tables else { preconditionFailure("apply outside a transaction") }
        var reached = progress(partition)
        for event in events {
            precondition(event.position == reached.position.next, "events reach a projection without holes")
            if try apply(event, partition, tables) { reached.applied += 1 }
            reached.position = event.position
            reached.epoch = event.epoch
        }
        progress[partition] = reached
    }

    /// Applies one event; inside `transaction` only. False when the event is filtered.
    func take(_ event: RecordedEvent, of partition: PartitionID) throws -> Bool {
        let applied = progress(partition).applied
        try apply(CollectionOfOne(event), of: partition)
        return progress(partition).applied > applied
    }

    /// Goes past an event without applying it: what a projection would be that had missed it. Inside `transaction` only.
    func miss(_ event: RecordedEvent, of partition: PartitionID) {
        progress[partition, default: Progress()].position = event.position
    }

    /// Applies an event once more: what a projection would be that had taken it twice. Inside `transaction` only.
    func applyAgain(_ event: RecordedEvent, of partition: PartitionID) throws {
        guard let tables else { preconditionFailure("apply outside a transaction") }
        _ = try apply(event, partition, tables)
    }

    /// One row as it is now; inside `transaction` only.
    func row(_ sql: String, _ values: [SQLValue]) throws -> [SQLValue]? {
        guard let tables else { preconditionFailure("a row outside a transaction") }
        return try tables.row(sql, values: values)
    }

    /// The columns and rows of a statement, beside the transactions.
    func table(_ sql: String) throws -> (columns: [String], rows: [[SQLValue]]) {
        try store.withConnection { connection in
            let tables = Tables(connection: connection)
            defer { tables.close() }
            return (try tables.columns(sql), try tables.rows(sql))
        }
    }

    /// The columns of a table, in order.
    func columns(of table: TableDefinition) throws -> [String] {
        try rows("SELECT name FROM pragma_table_info(?)", .text(table.name)).compactMap { $0.first?.text }
    }

    /// Stores which commit a checkpoint belongs to; inside `transaction` only.
    package func prove(_ partition: PartitionID, digest: [UInt8]) { progress[partition]?.digest = digest }

    /// False when the event is filtered.
    private func apply(_ event: RecordedEvent, _ partition: PartitionID, _ tables: Tables) throws -> Bool {
        do {
            if let wholeLog {
                try wholeLog.take(event, in: partition, tables)
                return true
            }
            return try routes.take(event, decoder) { try $1.apply($0, decoder.payloads, tables) }
        } catch {
            guard Obstacle.text(of: error) == nil else { throw error }
            throw ReaderFailure(
                "\(name) failed at event \(event.eventID) (\(event.type), \(event.stream) version \(event.version), "
                    + "position \(event.position)): \(error)", correlationID: event.correlationID)
        }
    }

    private func saveChanges(since before: [PartitionID: Progress], _ tables: Tables) throws {
        for (partition, progress) in progress.sorted(by: { $0.key < $1.key }) where before[partition] != progress {
            try tables.run(
                ReaderStore.saveSQL, .integer(Int64(partition.rawValue)),
                .integer(Int64(progress.position.rawValue)), .integer(Int64(progress.epoch.rawValue)),
                .blob(progress.digest), .integer(Int64(progress.applied)), .integer(Int64(progress.parked)),
                .integer(Int64(progress.discarded)))
        }
    }
}
