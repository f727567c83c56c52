import GRDBSQLite
package import RoostCore

/// The checkpoint of a reactor and the follow-up commands that were refused: kept, so that they can be shown.
package final class ReactorStore {
    private let store: ReaderStore
    package private(set) var progress: [PartitionID: Progress]

    private static let tables = [
        """
        CREATE TABLE refusals(
            command TEXT PRIMARY KEY, event TEXT NOT NULL, stream TEXT NOT NULL, name TEXT NOT NULL,
            code TEXT NOT NULL, reason TEXT NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID
        """
    ]

    package init(name: String, path: String?, logID: LogID) throws {
        store = try ReaderStore(path: path, logID: logID, name: name, revision: 1, tables: Self.tables)
        progress = try store.progress()
    }

    package func close() throws { try store.close() }

    /// A follow-up command that ended rejected.
    package struct Refusal: Sendable {
        package let command: CommandRequest
        package let answer: CommandAnswer
    }

    /// Moves the checkpoint past events whose commands have all ended, in one transaction with what was refused.
    package func save(_ moved: [PartitionID: Progress], refusals: [Refusal], at now: Timestamp) throws {
        try store.withConnection { connection in
            let tables = Tables(connection: connection)
            defer { tables.close() }
            try tables.run("BEGIN IMMEDIATE")
            do {
                for refusal in refusals { try save(refusal, now, tables) }
                for (partition, progress) in moved.sorted(by: { $0.key < $1.key }) {
                    try save(partition, progress, tables)
                }
                try tables.run("COMMIT")
            } catch {
                if sqlite3_get_autocommit(connection) == 0 { try tables.run("ROLLBACK") }
                throw error
            }
        }
        progress.merge(moved) { _, new in new }
    }

    private func save(_ partition: PartitionID, _ progress: Progress, _ tables: Tables) throws {
        try tables.run(
            ReaderStore.saveSQL, .integer(Int64(partition.rawValue)), .integer(Int64(progress.position.rawValue)),
            .integer(Int64(progress.epoch.rawValue)), .blob(progress.digest), .integer(Int64(progress.applied)),
            .integer(Int64(progress.parked)), .integer(Int64(progress.discarded)))
    }

    private func save(_ refusal: Refusal, _ now: Timestamp, _ tables: Tables) throws {
        try tables.run(
            "INSERT OR REPLACE INTO refusals VALUES(?,?,?,?,?,?,?)",
            .text(refusal.command.commandID.description),
            .text(refusal.command.causationID?.description ?? ""), .text(refusal.command.stream.description),
            .text(refusal.command.command), .text(refusal.answer.code ?? ""), .text(refusal.answer.reason ?? ""),
            .integer(now.nanoseconds))
    }
}
