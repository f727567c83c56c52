import GRDBSQLite
package import RoostCore

/// The checkpoint of a reactor, its pending timers, and the follow-up commands that were refused: kept, so that they can be
/// shown.
package final class ReactorStore {
    private let store: ReaderStore
    package private(set) var progress: [PartitionID: Progress]

    private static let refusalsTable = """
        CREATE TABLE IF NOT EXISTS refusals(
            command TEXT PRIMARY KEY, event TEXT NOT NULL, stream TEXT NOT NULL, name TEXT NOT NULL,
            code TEXT NOT NULL, reason TEXT NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS refusals_by_event ON refusals(event)
        """

    package init(name: String, path: String?, logID: LogID) throws {
        store = try ReaderStore(path: path, logID: logID, name: name, revision: 1, tables: [])
        progress = try store.progress()
        try transaction { tables in
            // A database of an earlier version lacks the newer ones.
            for statement in (Self.refusalsTable + ";" + Self.timersTable).split(separator: ";") {
                try tables.run(String(statement))
            }
        }
    }

    package func close() throws { try store.close() }

    /// A follow-up command that ended rejected.
    package struct Refusal: Sendable {
        package let command: CommandRequest
        package let answer: CommandAnswer
    }

    /// Moves the checkpoint past events whose commands have all ended, in one transaction with what was refused and with what
    /// the events did to timers.
    func save(
        _ moved: [PartitionID: Progress], refusals: [Refusal] = [], timers: [TimerChange] = [], at now: Timestamp
    ) throws {
        try transaction { tables in
            for refusal in refusals { try save(refusal, now, tables) }
            for change in timers { try apply(change, tables) }
            for (partition, progress) in moved.sorted(by: { $0.key < $1.key }) { try save(partition, progress, tables) }
        }
        progress.merge(moved) { _, new in new }
    }

    /// Stores by which types a checkpoint counts from now on.
    package func save(_ progress: Progress, of partition: PartitionID, countedBy types: Set<String>) throws {
        try transaction { tables in
            try save(partition, progress, tables)
            try ReaderStore.saveCountedTypes(types, partition, tables)
        }
        self.progress[partition] = progress
    }

    /// By which types a checkpoint was counted; nil in a database of an earlier version.
    func countedTypes(_ partition: PartitionID) throws -> Set<String>? {
        try withTables { try ReaderStore.countedTypes(partition, $0) }
    }

    func transaction(_ body: (Tables) throws -> Void) throws {
        try store.withConnection { connection in
            let tables = Tables(connection: connection)
            defer { tables.close() }
            try tables.run("BEGIN IMMEDIATE")
            do {
                try body(tables)
                try tables.run("COMMIT")
            } catch {
                if sqlite3_get_autocommit(connection) == 0 { try tables.run("ROLLBACK") }
                throw error
            }
        }
    }

    func withTables<Result>(_ body: (Tables) throws -> Result) throws -> Result { try store.withTables(body) }

    private func save(_ partition: PartitionID, _ progress: Progress, _ tables: Tables) throws {
        try tables.run(
            ReaderStore.saveSQL, .integer(Int64(partition.rawValue)), .integer(Int64(progress.position.rawValue)),
            .integer(Int64(progress.epoch.rawValue)), .blob(progress.digest), .integer(Int64(progress.applied)),
            .integer(Int64(progress.parked)), .integer(Int64(progress.discarded)))
    }

    func save(_ refusal: Refusal, _ now: Timestamp, _ tables: Tables) throws {
        try tables.run(
            "INSERT OR REPLACE INTO refusals VALUES(?,?,?,?,?,?,?)",
            .text(refusal.command.commandID.description),
            .text(refusal.command.causationID?.description ?? ""), .text(refusal.command.stream.description),
            .text(refusal.command.command), .text(refusal.answer.code ?? ""), .text(refusal.answer.reason ?? ""),
            .integer(now.nanoseconds))
    }
}
