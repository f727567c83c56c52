import RoostArchive
import RoostCore
import RoostLog

/// What only the owner of a partition may do with archives: note them in the log, and let go of the rows they hold.
extension SQLiteWriter {
    /// Rows that are deleted in one transaction, so that commits in between do not wait long.
    private static let rowsMax: UInt64 = 4096

    /// One step: takes over archives that wait, or deletes some rows that archives hold. True while there may be more to do.
    func tend() async throws(EventLogError) -> Bool {
        let tools = try usable()
        if let order = try ArchiveOrder.take(file) {
            try carryOut(order, tools)
            mayHoldArchivedRows = true
            return true
        }
        guard mayHoldArchivedRows else { return false }
        mayHoldArchivedRows = try deleteSlice(tools)
        return mayHoldArchivedRows
    }

    private func carryOut(_ order: ArchiveOrder, _ tools: Tools) throws(EventLogError) {
        let settled = tail.settled()
        let needsTables = order.archives.last.map { $0.last >= tail.tablesThrough } ?? false
        do {
            try begin(tools)
            let through = try archivedThrough(tools)
            if let refusal = try refusal(of: order, through, tools) {
                try sqlite { () throws(SQLiteFailure) in try tools.statements.rollback.run() }
                return try order.settle(file, refusal: refusal)
            }
            try sqlite { () throws(SQLiteFailure) in
                if needsTables {
                    try tools.statements.insert(settled.heads[...], completing: head)
                    for segment in settled.segments { try tools.statements.insert(segment) }
                }
                try tools.statements.insert(order.archives.filter { $0.first > through })
                try tools.statements.commit.run()
            }
        } catch {
            throw fail(error, tools)
        }
        if needsTables { settle(settled.tail) }
        try order.settle(file)
        checkpoint(tools)
    }

    /// Why the archives cannot be taken over; nil when they fit. Some of them may have been already.
    private func refusal(
        of order: ArchiveOrder, _ through: Position, _ tools: Tools
    ) throws(EventLogError) -> String? {
        guard let last = order.archives.last, last.last > through else { return nil }
        guard order.archives.contains(where: { $0.first == through.next }) else {
            return "the log is archived through \(through) by now, and no new archive begins there"
        }
        let commit = try sqlite { () throws(SQLiteFailure) in
            try CommitRows(tools.connection).holding(last.last)
        }
        guard last.last < head, let commit, commit.last == last.last,
            Hexadecimal.text(commit.digest) == order.digest
        else { return "the archives do not match the log at position \(last.last)" }
        return nil
    }

    private func archivedThrough(_ tools: Tools) throws(EventLogError) -> Position {
        try sqlite { () throws(SQLiteFailure) in
            Position(try tools.connection.number("SELECT archived_through FROM log") ?? 0)
        }
    }

    /// True when rows are left that archives hold.
    private func deleteSlice(_ tools: Tools) throws(EventLogError) -> Bool {
        do {
            let through = try archivedThrough(tools).rawValue
            let first = try sqlite { () throws(SQLiteFailure) in
                try tools.connection.number("SELECT min(position) FROM events") ?? 0
            }
            guard first > 0, first <= through else { return false }
            let last = min(through, first + Self.rowsMax - 1)
            try begin(tools)
            try sqlite { () throws(SQLiteFailure) in
                try tools.connection.execute("DELETE FROM events WHERE position <= \(last)")
                try tools.statements.commit.run()
            }
            checkpoint(tools)
            return last < through
        } catch {
            throw fail(error, tools)
        }
    }
}
