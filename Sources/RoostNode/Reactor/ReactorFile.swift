import Foundation
package import RoostCore

/// The database of a reactor, read beside the process that writes it. Nothing is in it before that has made it.
package struct ReactorFile: Sendable {
    private let path: String

    /// `directory` holds one database for each reactor.
    package init(_ reactor: String, in directory: String) { path = "\(directory)/\(reactor).db" }

    /// nil before it is there.
    package func progress() throws -> [PartitionID: Progress]? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        return try ReadOnlyDatabase(path: path).progress()
    }

    /// The pending timers, the first to be due first: at most `limit` of them, and how many there are. Only those of a stream,
    /// or due by a time, when one is given.
    package func timers(
        of stream: StreamName? = nil, dueBy time: Timestamp? = nil, limit: Int
    ) throws -> (first: [PendingTimer], count: Int) {
        try read("timers") { database in
            let wanted = """
                FROM timers WHERE (:stream IS NULL OR stream = :stream) AND (:due IS NULL OR due <= :due)
                """
            let values = ["stream": SQLValue(stream?.description), "due": SQLValue(time?.nanoseconds)]
            let rows = try database.rows("SELECT * \(wanted) ORDER BY due, stream, name LIMIT \(limit)", values).rows
            let count = try database.rows("SELECT count(*) \(wanted)", values).rows.first?.first?.integer
            return (try rows.map { try PendingTimer(row: $0) }, Int(count ?? 0))
        } ?? ([], 0)
    }

    /// The pending timers that these events have set.
    package func timers(setBy events: [EventID]) throws -> [PendingTimer] {
        try read("timers") { database in
            try events.flatMap { event in
                try database.rows("SELECT * FROM timers WHERE cause = :id", ["id": .text(event.description)]).rows
                    .map { try PendingTimer(row: $0) }
            }
        } ?? []
    }

    /// Whether a timer that an event has set is still pending.
    package func hasTimer(setBy event: EventID) throws -> Bool {
        try read("timers") { database in
            try !database.rows("SELECT 1 FROM timers WHERE cause = :id LIMIT 1", ["id": .text(event.description)])
                .rows.isEmpty
        } ?? false
    }

    /// Follow-up commands that were set aside because they were refused: all of them, the earliest first.
    package func refusals() throws -> [FollowUpRefusal] {
        try read("refusals") { try Self.refusals($0, "ORDER BY at, command") } ?? []
    }

    /// Those that these events led to.
    package func refusals(causedBy events: [EventID]) throws -> [FollowUpRefusal] {
        try read("refusals") { database in
            try events.flatMap {
                try Self.refusals(database, "WHERE event = :event", ["event": .text($0.description)])
            }
        } ?? []
    }

    private static func refusals(
        _ database: borrowing ReadOnlyDatabase, _ rest: String, _ values: [String: SQLValue] = [:]
    ) throws -> [FollowUpRefusal] {
        try database.rows("SELECT command, event, stream, name, code, reason, at FROM refusals \(rest)", values)
            .rows.compactMap { FollowUpRefusal(row: $0) }
    }

    private func read<Result>(
        _ table: String, _ body: (borrowing ReadOnlyDatabase) throws -> Result
    ) throws -> Result? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        return try ReadOnlyDatabase(path: path).snapshot { try $0.has(table) ? try body($0) : nil }
    }
}
