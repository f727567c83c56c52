package import RoostCore

/// A follow-up command that its reactor has set aside, because it was refused.
package struct FollowUpRefusal: Sendable {
    package let commandID: String
    package let event: EventID
    package let stream: String
    package let command: String
    package let code: String
    package let reason: String
    package let at: Timestamp

    /// nil for a row that names no event.
    init?(row: [SQLValue]) {
        guard let event = row[1].text.flatMap({ EventID($0) }) else { return nil }
        commandID = row[0].text ?? ""
        self.event = event
        stream = row[2].text ?? ""
        command = row[3].text ?? ""
        code = row[4].text ?? ""
        reason = row[5].text ?? ""
        at = Timestamp(nanoseconds: row[6].integer ?? 0)
    }
}
