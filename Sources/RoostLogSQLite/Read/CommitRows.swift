import RoostCore
import RoostLog

/// Reads the tables `commits` and `claims`.
final class CommitRows {
    private static let columns = "last, first, epoch, recorded, digest"
    private let newestCommit, newestBefore, holding, after, claimRows: Statement

    init(_ connection: Connection) throws(SQLiteFailure) {
        newestCommit = try connection.prepare("SELECT \(Self.columns) FROM commits ORDER BY last DESC LIMIT 1")
        newestBefore = try connection.prepare(
            "SELECT \(Self.columns) FROM commits WHERE recorded < ? AND last < ? ORDER BY last DESC LIMIT 1")
        holding = try connection.prepare(
            "SELECT \(Self.columns) FROM commits WHERE last >= ? ORDER BY last LIMIT 1")
        after = try connection.prepare(
            "SELECT \(Self.columns) FROM commits WHERE last > ? AND first <= ? ORDER BY last")
        claimRows = try connection.prepare(
            """
            SELECT epoch, process, incarnation, command_endpoint, publish_endpoint, claimed_at FROM claims
            ORDER BY epoch DESC
            """)
    }

    func newest() throws(SQLiteFailure) -> CommitRecord? { try first(newestCommit) }

    /// The newest one that was made before a time and ends before a position.
    func newest(before time: Timestamp, endingBefore position: Position) throws(SQLiteFailure) -> CommitRecord? {
        newestBefore.bind(1, time.nanoseconds)
        newestBefore.bind(2, position.rawValue)
        return try first(newestBefore)
    }

    func holding(_ position: Position) throws(SQLiteFailure) -> CommitRecord? {
        holding.bind(1, position.rawValue)
        return try first(holding)
    }

    /// The commits that hold positions in `range`, in order.
    func overlapping(after position: Position, through last: Position) throws(SQLiteFailure) -> [CommitRecord] {
        after.bind(1, position.rawValue)
        after.bind(2, last.rawValue)
        var found: [CommitRecord] = []
        while try after.step() { found.append(commit(after)) }
        return found
    }

    /// The newest claim.
    func claim() throws(SQLiteFailure) -> Claim? {
        defer { claimRows.reset() }
        return try claimRows.step() ? claim(claimRows) : nil
    }

    /// All claims by epoch.
    func claims() throws(SQLiteFailure) -> [Claim] {
        var found: [Claim] = []
        while try claimRows.step() { found.append(claim(claimRows)) }
        return found.reversed()
    }

    private func first(_ statement: Statement) throws(SQLiteFailure) -> CommitRecord? {
        defer { statement.reset() }
        return try statement.step() ? commit(statement) : nil
    }

    private func commit(_ row: Statement) -> CommitRecord {
        unsafe CommitRecord(
            first: Position(row.unsigned(1)), last: Position(row.unsigned(0)), epoch: Epoch(row.unsigned(2)),
            recorded: Timestamp(nanoseconds: row.int(3)), digest: Array(row.bytes(4)))
    }

    private func claim(_ row: Statement) -> Claim {
        Claim(
            epoch: Epoch(row.unsigned(0)), process: row.text(1), incarnation: Incarnation(bits: row.bits(2)),
            commandEndpoint: row.text(3), publishEndpoint: row.text(4), claimedAt: Timestamp(nanoseconds: row.int(5)))
    }
}
