import Foundation
package import RoostCore
import RoostJSON
package import RoostTrace

/// What was observed of the work on events: nothing where nobody collects it, and never more than hints.
package struct ObservedReader: Sendable {
    let path: String

    package init(projections: String) { path = ObservedStore.path(in: projections) }

    /// Who stored, applied or handled each of these events, and when, in order of time.
    package func handlings(of events: [TraceEvent]) throws -> [EventID: [Handling]]? {
        try read { database in
            let processes = try database.rows("SELECT process FROM senders ORDER BY process").rows.compactMap {
                $0[0].text
            }
            var found: [EventID: [Handling]] = [:]
            for event in events {
                found[event.eventID] = try processes.flatMap { try Self.handlings(of: event, by: $0, database) }
                    .sorted { ($0.endedAt, $0.process) < ($1.endedAt, $1.process) }
            }
            return found
        }
    }

    /// Spans that may hold one event: after a restart it may be handled again.
    private static let candidatesMax = 4

    private static func handlings(
        of event: TraceEvent, by process: String, _ database: borrowing ReadOnlyDatabase
    ) throws -> [Handling] {
        let rows = try database.rows(
            """
            SELECT work, first, start, end, queued, fromLog, retries FROM spans
            WHERE process = :process AND partition = :partition AND last >= :position ORDER BY last LIMIT \(candidatesMax)
            """,
            [
                "process": .text(process), "partition": .integer(Int64(event.partition.rawValue)),
                "position": .integer(Int64(event.position.rawValue)),
            ]
        ).rows
        return rows.compactMap { row in
            let numbers = row.map { $0.integer ?? 0 }
            guard numbers[1] <= Int64(event.position.rawValue), let work = row[0].text else { return nil }
            return Handling(
                process: process, work: HandlingSpan.Work(rawValue: work) ?? .apply,
                startedAt: Timestamp(nanoseconds: numbers[2]), endedAt: Timestamp(nanoseconds: numbers[3]),
                queued: numbers[4], isFromLog: numbers[5] != 0, retries: Int(numbers[6]))
        }
    }

    /// Whether one of these reactors was observed to begin with an event by a time.
    func hasBegun(
        _ reactors: [String], with position: Position, of partition: PartitionID, by due: Timestamp
    ) throws -> Bool {
        try read { database in
            try reactors.contains { reactor in
                try !database.rows(
                    """
                    SELECT 1 FROM spans WHERE process = :process AND partition = :partition AND last >= :position
                    AND first <= :position AND work = 'react' AND start <= :due LIMIT 1
                    """,
                    [
                        "process": .text(reactor), "partition": .integer(Int64(partition.rawValue)),
                        "position": .integer(Int64(position.rawValue)), "due": .integer(due.nanoseconds),
                    ]
                ).rows.isEmpty
            }
        } ?? false
    }

    /// Commands of a chain that were refused by the writers that saw them.
    package func rejected(ofChain correlation: CorrelationID) throws -> [RejectedCommand] {
        try rejected("correlation = :id", correlation.description)
    }

    /// Commands of this ID that were refused.
    package func rejected(commandID: String) throws -> [RejectedCommand] { try rejected("commandID = :id", commandID) }

    private func rejected(_ condition: String, _ id: String) throws -> [RejectedCommand] {
        try read { database in
            try database.rows(
                """
                SELECT at, partition, stream, command, commandID, correlation, cause, code, reason FROM rejected
                WHERE \(condition) ORDER BY at, id LIMIT 1000
                """, ["id": .text(id)]
            ).rows.map { row in
                RejectedCommand(
                    at: Timestamp(nanoseconds: row[0].integer ?? 0),
                    partition: PartitionID(UInt32(row[1].integer ?? 0)),
                    stream: row[2].text ?? "", command: row[3].text ?? "", commandID: row[4].text ?? "",
                    correlationID: row[5].text.flatMap { CorrelationID($0) },
                    causationID: row[6].text.flatMap { EventID($0) },
                    code: row[7].text ?? "", reason: row[8].text ?? "")
            }
        } ?? []
    }

    /// What the live check of contracts has found and still holds, the newest first, and how many chains are still to be checked;
    /// nil where nobody checks.
    package func findings() throws -> LiveFindings? {
        let decoder = JSONPayloadDecoder()
        return try read { database -> LiveFindings? in
            let looks = try database.rows("SELECT at, behind FROM looks").rows
            guard let look = looks.first else { return nil }
            let rows = try database.rows("SELECT found, body FROM findings ORDER BY found DESC, id").rows
            let pending = try database.rows("SELECT count(*) FROM due").rows.first?.first?.integer
            let found = try rows.map { row in
                (
                    at: Timestamp(nanoseconds: row[0].integer ?? 0),
                    finding: try decoder.decode(CausalFinding.self, from: Array((row[1].text ?? "").utf8))
                )
            }
            return LiveFindings(
                found: found, pending: Int(pending ?? 0), lookedAt: Timestamp(nanoseconds: look[0].integer ?? 0),
                behind: UInt64(look[1].integer ?? 0))
        } ?? nil
    }

    /// What is known to be missing: lost on the way, dropped by a process that had too much, or removed as too old.
    package func gaps() throws -> ObservationGaps? {
        try read { database in
            let sums = try database.rows("SELECT coalesce(sum(lost), 0), coalesce(sum(dropped), 0) FROM senders").rows
            let removed = try database.rows(
                "SELECT coalesce(sum(CAST(value AS INTEGER)), 0) FROM meta WHERE key LIKE 'removed.%'"
            ).rows
            return ObservationGaps(
                lostReports: UInt64(sums[0][0].integer ?? 0), dropped: UInt64(sums[0][1].integer ?? 0),
                removed: UInt64(removed[0][0].integer ?? 0))
        }
    }

    private func read<Result>(_ body: (borrowing ReadOnlyDatabase) throws -> Result) throws -> Result? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        let database = try ReadOnlyDatabase(path: path)
        // While it is being made for the first time it has no tables yet.
        guard try database.has("watched") else { return nil }
        return try database.snapshot(body)
    }
}

/// What the live check of contracts knows.
package struct LiveFindings: Sendable {
    /// What holds now, the newest first.
    package let found: [(at: Timestamp, finding: CausalFinding)]
    /// Chains that are still to be checked.
    package let pending: Int
    package let lookedAt: Timestamp
    /// Events it has not come to.
    package let behind: UInt64
}
