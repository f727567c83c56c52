/// What became of the rows of a file. Document `roost.load/1`: read = accepted + rejected + skipped + unsettled.
package struct LoadDocument: Codable, Sendable, Equatable {
    package static let schema = "roost.load/1"

    /// A row that could not be understood or was refused.
    package struct Problem: Codable, Sendable, Equatable {
        package let line: Int?
        package let stream: String?
        package let reason: String
    }

    package private(set) var schema = LoadDocument.schema
    package private(set) var read = 0
    package private(set) var accepted = 0
    package private(set) var rejected = 0
    package private(set) var skipped = 0
    package private(set) var unsettled = 0
    /// Rows by reason: why they were skipped, rejected or left unsettled.
    package private(set) var reasons: [String: Int] = [:]
    /// Commands sent; one command may stand for several rows.
    package private(set) var commands = 0
    /// Times a command was sent again with the same ID.
    package private(set) var retries = 0
    package var seconds = 0.0
    /// The first problems met, at most `problemsMax`.
    package private(set) var problems: [Problem] = []

    package static let problemsMax = 20

    package init() {}

    package mutating func accept(rows: Int) {
        read += rows
        accepted += rows
        commands += 1
    }

    package mutating func reject(_ code: String, rows: Int, stream: String? = nil, line: Int? = nil, reason: String) {
        read += rows
        rejected += rows
        if line == nil { commands += 1 }
        reasons[code, default: 0] += rows
        note(Problem(line: line, stream: stream, reason: reason))
    }

    package mutating func skip(_ reason: String, rows: Int) {
        read += rows
        skipped += rows
        reasons[reason, default: 0] += rows
    }

    package mutating func leaveUnsettled(_ outcome: String, rows: Int, stream: String, reason: String) {
        read += rows
        unsettled += rows
        commands += 1
        reasons[outcome, default: 0] += rows
        note(Problem(line: nil, stream: stream, reason: reason))
    }

    package mutating func countRetries(_ number: Int) { retries += number }

    private mutating func note(_ problem: Problem) {
        if problems.count < Self.problemsMax { problems.append(problem) }
    }
}
