import RoostArchive
import RoostCore
import RoostLog

/// What only the owner of a partition may do with archives: note them in the log, and let go of the rows they hold.
extension SQLiteWriter {
    /// Rows that are deleted in one transaction, so that commits in between do not wait long.
    private static let rowsMax: UInt64 = 1024

    /// One step: takes over archives that were admitted, or deletes some rows that archives hold. True while there may be
    /// more to do.
    func tend() async throws(EventLogError) -> Bool {
        let tools = try usable()
        if DurableFiles.exists(ArchiveOrder.Stage.admitted.path(file)) {
            try carryOut(tools)
            mayHoldArchivedRows = true
            return true
        }
        guard mayHoldArchivedRows else { return false }
        mayHoldArchivedRows = try deleteSlice(tools)
        return mayHoldArchivedRows
    }

    private func carryOut(_ tools: Tools) throws(EventLogError) {
        let order: ArchiveOrder
        do throws(EventLogError) { order = try ArchiveOrder.read(.admitted, of: file) } catch {
            return try ArchiveOrder.end(.admitted, of: file, refusal: error.description)
        }
        var refusal: String?
        var settled: Tail?
        do {
            try begin(tools)
            let through = try archivedThrough(tools)
            refusal = try reasonToRefuse(order, through, tools)
            if refusal == nil, let last = order.archives.last, last.last > through {
                settled = try settle(through: last.last, tools)
                try sqlite { () throws(SQLiteFailure) in
                    try tools.statements.insert(order.archives.filter { $0.first > through })
                    try tools.statements.commit.run()
                }
            } else {
                try sqlite { () throws(SQLiteFailure) in try tools.statements.rollback.run() }
            }
        } catch {
            throw fail(error, tools)
        }
        if let settled { replaceTail(settled) }
        try ArchiveOrder.end(.admitted, of: file, refusal: refusal)
        checkpoint(tools)
    }

    /// Brings the tables up to where an archive that ends at `position` needs them; returns the tail without what they hold
    /// then, nil when they went that far. In an open transaction.
    private func settle(through position: Position, _ tools: Tools) throws(EventLogError) -> Tail? {
        let needsHeads = position > tail.headsEnd
        let needsSegments = position >= tail.segmentsEnd
        guard needsHeads || needsSegments else { return nil }
        let settled = tail.settled(heads: needsHeads, segments: needsSegments)
        try sqlite { () throws(SQLiteFailure) in
            if needsHeads { try tools.statements.insert(settled.heads[...], completing: head) }
            for segment in settled.segments { try tools.statements.insert(segment) }
        }
        return settled.tail
    }

    /// nil when the archives fit. Some of them, or all, may have been taken over already.
    private func reasonToRefuse(
        _ order: ArchiveOrder, _ through: Position, _ tools: Tools
    ) throws(EventLogError) -> String? {
        guard let last = order.archives.last else { return "it names no archive" }
        let known = try sqlite { () throws(SQLiteFailure) in
            Set(try ArchivedEvents(tools.connection, file.archiveReader()).entries())
        }
        if order.archives.allSatisfy({ known.contains($0) }) { return nil }
        guard order.archives.contains(where: { $0.first == through.next }),
            order.archives.allSatisfy({ $0.first > through || known.contains($0) })
        else { return "the log is archived through \(through) by now, and these archives do not follow that" }
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
