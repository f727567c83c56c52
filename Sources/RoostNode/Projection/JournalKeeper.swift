import GRDBSQLite
import RoostCore

/// Keeps the journal of one projection in its database. Confined to the thread of the store.
final class JournalKeeper {
    private let watch: RowWatch
    private let build: String
    private var journal: Journal
    private var step: Journal.Step?

    /// Of the rows by all that was done to them. Whoever rolls back sets it to what it was.
    var hash: RowHash {
        get { watch.hash }
        set { watch.hash = newValue }
    }

    /// Goes on with the journal that is there. Where there is none that ends at `vector`, it begins with the rows as they are.
    init(
        _ definitions: [TableDefinition], in connection: OpaquePointer, at vector: [PartitionID: Position],
        build: String
    ) throws {
        self.build = build
        watch = try RowWatch(definitions, of: connection)
        let tables = Tables(connection: connection)
        defer { tables.close() }
        try tables.run(Journal.sql)
        journal = try Journal { try tables.rows($0) }
        if let last = journal.entries.last, last.vector == vector {
            hash = last.hash
        } else {
            hash = try RowHash.ofRows(definitions, in: connection)
            if !journal.entries.isEmpty || !vector.isEmpty { try begin(at: vector, tables) }
        }
    }

    /// Whether one can be kept: SQLite does not show what virtual columns are.
    static func isPossible(_ definitions: [TableDefinition], in connection: OpaquePointer) throws -> Bool {
        let tables = Tables(connection: connection)
        defer { tables.close() }
        return try definitions.allSatisfy { table in
            try tables.row("SELECT 1 FROM pragma_table_xinfo(?) WHERE hidden = 2", .text(table.name)) == nil
        }
    }

    private func begin(at vector: [PartitionID: Position], _ tables: Tables) throws {
        journal = Journal()
        try tables.run("BEGIN IMMEDIATE")
        try tables.run("DELETE FROM roost_journal")
        // Nobody knows which build has made them.
        if !vector.isEmpty { try note(vector, by: "", tables) }
        try tables.run("COMMIT")
        committed(tables)
    }

    /// Notes a batch; inside its transaction.
    func note(_ vector: [PartitionID: Position], _ tables: Tables) throws { try note(vector, by: build, tables) }

    private func note(_ vector: [PartitionID: Position], by build: String, _ tables: Tables) throws {
        guard !watch.hasFailed else { throw ReaderFailure("the rows that were written could not be read back") }
        let step = journal.step(vector, hash, build: build)
        try Journal.save(step, tables)
        self.step = step
    }

    /// The transaction is over and was kept.
    func committed(_ tables: Tables) {
        guard let step else { return }
        journal.take(step)
        self.step = nil
        if journal.isFull { thin(tables) }
    }

    private func thin(_ tables: Tables) {
        var thinned = journal
        do {
            for batch in thinned.thin() { try Journal.remove(batch, tables) }
            journal = thinned
        } catch {
            // A full disk: after the next batch it is tried again.
            return
        }
    }

    /// The transaction is over and nothing of it was kept.
    func rolledBack(to hash: RowHash) {
        self.hash = hash
        step = nil
    }
}
