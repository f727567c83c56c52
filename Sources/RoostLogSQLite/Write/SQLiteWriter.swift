import RoostCore
import RoostLog

/// The one owner of a partition file: its only writing connection, which also runs every checkpoint.
final class SQLiteWriter: PartitionWriter, @unchecked Sendable {
    // @unchecked: confined to the actor that claimed the partition; calls never overlap.
    /// What works on the connection. The file closes when it is dropped.
    struct Tools {
        let connection: Connection
        let statements: WriterStatements
        let index: StoredIndex
        let checkpoints: Checkpoints
    }

    let epoch: Epoch
    let file: PartitionFile
    private(set) var tools: Tools?
    private(set) var tail: Tail
    private var newest: CommitRecord?
    /// Why this writer accepts no further call.
    private var ended: EventLogError?
    /// False once no row is left that an archive holds.
    var mayHoldArchivedRows = true

    var partition: PartitionID { file.partition }
    var head: Position { tail.end }

    /// For a connection whose claim is durable.
    init(_ file: PartitionFile, epoch: Epoch, _ connection: Connection) throws(EventLogError) {
        self.file = file
        self.epoch = epoch
        do {
            tools = Tools(
                connection: connection, statements: try WriterStatements(connection),
                index: try StoredIndex(connection, try ArchivedEvents(connection, file.archiveReader())),
                checkpoints: Checkpoints(connection))
            tail = try Tail.recover(connection)
            newest = try CommitRows(connection).newest()
        } catch {
            throw error.whileReading(file.path)
        }
        let last = newest?.last ?? .start
        guard last == tail.end else { throw .damaged(file.path, cause: SQLiteFailure.hole(after: last, found: head)) }
        tail.heads.rotateIfDue(at: head)
    }

    func append(_ batch: AppendBatch, at now: Timestamp) async throws(EventLogError) {
        let tools = try usable()
        do {
            try begin(tools)
            let plan = try AppendPlan(batch, after: head, index: WriterIndex(self, tools.index))
            if plan.kept.isEmpty {
                try sqlite { () throws(SQLiteFailure) in try tools.statements.rollback.run() }
                batch.committed = .empty
            } else {
                batch.committed = try store(plan, batch, at: now, tools)
            }
            batch.outcomes = plan.outcomes
        } catch {
            throw fail(error, tools)
        }
        checkpoint(tools)
    }

    func confirmEpoch() async throws(EventLogError) {
        let tools = try usable()
        do {
            try confirm(tools)
        } catch {
            throw fail(error, tools)
        }
    }

    func close() async {
        guard let tools else { return }
        // Of a file that has a new owner, that one makes the checkpoints.
        if ended == nil, isOwner(tools) { tools.checkpoints.finish() }
        tools.checkpoints.stop()
        self.tools = nil
    }

    func usable() throws(EventLogError) -> Tools {
        if let ended { throw ended }
        guard let tools else {
            throw EventLogError(.invalid, "the writer of partition \(partition) is closed: claim the partition anew")
        }
        return tools
    }

    private func isOwner(_ tools: Tools) -> Bool {
        do throws(EventLogError) {
            try confirm(tools)
            return true
        } catch {
            return false
        }
    }

    /// Opens the transaction and refuses an epoch that is over: nobody else can claim until it ends.
    func begin(_ tools: Tools) throws(EventLogError) {
        do throws(EventLogError) {
            try sqlite { () throws(SQLiteFailure) in
                if Mutant.publishBeforeCommit.isPlanted, !tools.connection.isIdle { try tools.statements.commit.run() }
                try tools.statements.begin.run()
            }
        } catch {
            // Whoever holds the lock may be the new owner.
            if error.code == .unavailable { try confirm(tools) }
            throw error
        }
        try confirm(tools)
    }

    private func confirm(_ tools: Tools) throws(EventLogError) {
        let newest = try sqlite { () throws(SQLiteFailure) in try tools.statements.newestEpoch() }
        guard newest == epoch || Mutant.noEpochCheck.isPlanted else {
            throw .fenced(partition, epoch: epoch, newest: newest)
        }
        guard !tools.connection.hasMoved else {
            throw EventLogError(
                .fenced, "\(file.path) was replaced since epoch \(epoch) claimed it: stop this process")
        }
    }
}

extension SQLiteWriter {
    /// Writes everything the plan keeps and commits it; then, and only then, remembers it.
    private func store(
        _ plan: AppendPlan, _ batch: AppendBatch, at now: Timestamp, _ tools: Tools
    ) throws(EventLogError) -> EventPage {
        let recorded = max(now, newest?.recorded ?? now)
        let segment = tail.segments.complete
        let slice = tail.heads.slice(besides: batch.eventCount)
        let (page, commit, placed) = try plan.withPlacedRecords(of: batch, epoch: epoch, recorded: recorded) {
            (writer, placed) throws(EventLogError) in
            let digest = unsafe writer.withUnsafeBytes { unsafe CommitDigest.of($0, after: newest?.digest ?? []) }
            let commit = CommitRecord(
                first: head.next, last: plan.last, epoch: epoch, recorded: recorded, digest: digest)
            try sqlite { () throws(SQLiteFailure) in
                try tools.statements.insert(placed, of: writer)
                try checkPlaces(through: commit.last, tools.connection)
                try tools.statements.insert(commit)
                try tools.statements.insert(slice, completing: tail.heads.complete(after: slice.count))
                if let segment { try tools.statements.insert(segment) }
                if !Mutant.publishBeforeCommit.isPlanted { try tools.statements.commit.run() }
            }
            return (EventPage(checked: writer.finish(), offsets: placed.map(\.offset)), commit, placed)
        }
        tail.heads.wrote(slice.count)
        if let segment { tail.segments.drop(through: segment.last) }
        tail.add(plan, batch.entries, placed, of: page)
        tail.heads.rotateIfDue(at: head)
        newest = commit
        return page
    }

    /// SQLite puts each event after the newest one in the file. If the last is where it was meant to be, so are all.
    private func checkPlaces(through last: Position, _ connection: Connection) throws(SQLiteFailure) {
        let found = Position(connection.newestRow)
        guard found == last else { throw .hole(after: Position(last.rawValue - 1), found: found) }
    }

    func checkpoint(_ tools: Tools) {
        do {
            try tools.checkpoints.runIfDue()
        } catch {
            // The commit before it is durable and stands; only what comes next is refused.
            _ = fail(error.whileWriting(file.path), tools)
        }
    }

    /// Rolls back, and ends this writer unless the error leaves it as it was.
    func fail(_ error: EventLogError, _ tools: Tools) -> EventLogError {
        var error = error
        if !tools.connection.isIdle {
            do { try tools.statements.rollback.run() } catch {
                return end(
                    EventLogError(
                        .outcomeUnknown, "rolling back \(file.path) failed: claim the partition anew", cause: error),
                    tools)
            }
        }
        if error.code == .unavailable || error.code == .invalid { return error }
        if error.code == .outcomeUnknown, let problem = file.markSuspect() {
            error = EventLogError(error.code, "\(error.message); \(problem)", cause: error.cause)
        }
        return end(error, tools)
    }

    private func end(_ error: EventLogError, _ tools: Tools) -> EventLogError {
        ended = error
        if error.code == .outcomeUnknown {
            // Closing would run a checkpoint on a file that can no longer be trusted: it stays open until the process
            // ends, which is soon.
            tools.checkpoints.stop()
            _ = unsafe Unmanaged.passRetained(tools.connection)
        }
        return error
    }

    /// Where commands with this hash start, of those that no table holds yet.
    fileprivate func recentPositions(command hash: UInt64) -> [Position] {
        tail.segments.positions(command: hash)
    }

    /// The tables hold the rest.
    func replaceTail(_ settled: Tail) { tail = settled }

    /// Names the file in the failures of `body`.
    func sqlite<Result>(_ body: () throws(SQLiteFailure) -> Result) throws(EventLogError) -> Result {
        do { return try body() } catch { throw error.whileWriting(file.path) }
    }
}

/// What the plan of a batch asks: first what is in memory, then the tables.
private struct WriterIndex: CommitIndex {
    private let writer: SQLiteWriter
    private let stored: StoredIndex

    init(_ writer: SQLiteWriter, _ stored: StoredIndex) {
        self.writer = writer
        self.stored = stored
    }

    func head(of stream: StreamKey) throws(EventLogError) -> StreamHead {
        if let recent = writer.tail.heads.find(stream) { return recent }
        return try writer.sqlite { () throws(SQLiteFailure) in try stored.head(of: stream.name) } ?? .none
    }

    func receipt(of entry: AppendBatch.Entry, hash: UInt64, head: StreamHead) throws(EventLogError) -> Receipt? {
        let positions = writer.recentPositions(command: hash)
        return try writer.sqlite { () throws(SQLiteFailure) in
            if let recent = try stored.receipt(of: entry.commandID, in: entry.stream, at: positions) { return recent }
            if entry.comparedThrough >= head.version { return nil }
            return try stored.receiptInSegments(of: entry.commandID, in: entry.stream, hash: hash)
        }
    }
}
