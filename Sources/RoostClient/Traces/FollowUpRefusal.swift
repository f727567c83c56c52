package import RoostCore
import RoostNode

/// A follow-up command that its reactor has set aside, because it was refused.
package struct FollowUpRefusal: Sendable {
    package let commandID: String
    package let event: EventID
    package let stream: String
    package let command: String
    package let code: String
    package let reason: String
    package let at: Timestamp

    /// Those of one event, or all; none while the database is being made.
    static func read(_ database: borrowing ReadOnlyDatabase, causedBy event: EventID?) throws -> [FollowUpRefusal] {
        let tables = try database.rows("SELECT 1 FROM sqlite_master WHERE name = 'refusals'")
        guard !tables.rows.isEmpty else { return [] }
        return try database.rows(
            """
            SELECT command, event, stream, name, code, reason, at FROM refusals
            WHERE :event IS NULL OR event = :event ORDER BY at, command
            """, ["event": SQLValue(event?.description)]
        ).rows.compactMap { row in
            guard let event = row[1].text.flatMap({ EventID($0) }) else { return nil }
            return FollowUpRefusal(
                commandID: row[0].text ?? "", event: event, stream: row[2].text ?? "", command: row[3].text ?? "",
                code: row[4].text ?? "", reason: row[5].text ?? "",
                at: Timestamp(nanoseconds: row[6].integer ?? 0))
        }
    }
}
