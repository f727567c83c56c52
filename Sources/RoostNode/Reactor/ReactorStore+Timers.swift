import RoostCore

/// Pending timers, in the database of their reactor: they are set, cancelled and forgotten together with its checkpoint.
extension ReactorStore {
    /// `target` is the partition of the stream, `source` that of the event that set the timer.
    static let timersTable = """
        CREATE TABLE IF NOT EXISTS timers(
            stream TEXT NOT NULL, name TEXT NOT NULL, due INTEGER NOT NULL, target INTEGER NOT NULL,
            source INTEGER NOT NULL, commandID TEXT NOT NULL, command TEXT NOT NULL, payload BLOB NOT NULL,
            correlation TEXT NOT NULL, cause TEXT NOT NULL, depth INTEGER NOT NULL, traceparent TEXT,
            PRIMARY KEY(stream, name)) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS timers_by_due ON timers(target, due);
        CREATE INDEX IF NOT EXISTS timers_by_cause ON timers(cause)
        """

    func apply(_ change: TimerChange, _ tables: Tables) throws {
        switch change {
        case .set(let timer): try set(timer, tables)
        case .cancel(let stream, let name):
            try tables.run(
                "DELETE FROM timers WHERE stream = ? AND name = ?", .text(stream.description), .text(name))
        }
    }

    private func set(_ timer: PendingTimer, _ tables: Tables) throws {
        let request = timer.request
        try tables.run(
            "INSERT OR REPLACE INTO timers VALUES(?,?,?,?,?,?,?,?,?,?,?,?)", .text(request.stream.description),
            .text(timer.name), .integer(timer.due.nanoseconds), .integer(Int64(request.partition.rawValue)),
            .integer(Int64(timer.source.rawValue)), .text(request.commandID.description), .text(request.command),
            .blob(request.payload.array), .text(request.correlationID?.description ?? ""),
            .text(request.causationID?.description ?? ""), .integer(Int64(request.depth)),
            SQLValue(request.traceparent))
    }

    /// The moment of the first timer for a partition; nil when none is pending.
    func nextDue(_ target: PartitionID) throws -> Timestamp? {
        try withTables { tables in
            try tables.row("SELECT min(due) FROM timers WHERE target = ?", .integer(Int64(target.rawValue)))?[0].integer
        }.map { Timestamp(nanoseconds: $0) }
    }

    /// Timers to a partition, set by events of another, whose moment has come; the oldest first.
    func timers(
        due now: Timestamp, to target: PartitionID, from source: PartitionID, limit: Int
    ) throws -> [PendingTimer] {
        try withTables { tables in
            try tables.rows(
                """
                SELECT * FROM timers WHERE target = ? AND source = ? AND due <= ? ORDER BY due, stream, name LIMIT ?
                """, .integer(Int64(target.rawValue)), .integer(Int64(source.rawValue)), .integer(now.nanoseconds),
                SQLValue(limit))
        }.map { try PendingTimer(row: $0) }
    }

    /// Forgets timers whose commands have ended; not those that were set again meanwhile.
    func finish(_ timers: [PendingTimer], refusals: [Refusal], at now: Timestamp) throws {
        try transaction { tables in
            for refusal in refusals { try save(refusal, now, tables) }
            for timer in timers {
                try tables.run(
                    "DELETE FROM timers WHERE stream = ? AND name = ? AND commandID = ?",
                    .text(timer.request.stream.description), .text(timer.name),
                    .text(timer.request.commandID.description))
            }
        }
    }
}
