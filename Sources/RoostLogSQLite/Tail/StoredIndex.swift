import RoostCore
import RoostLog

/// Looks up streams and commands in what is written: the tables `heads` and `segments`, and the events they lead to.
final class StoredIndex {
    private let connection: Connection
    private let archived: ArchivedEvents
    private let head, command, segments: Statement

    init(_ connection: Connection, _ archived: ArchivedEvents) throws(SQLiteFailure) {
        self.connection = connection
        self.archived = archived
        head = try connection.prepare("SELECT version, position FROM heads WHERE stream = ?")
        command = try connection.prepare(
            """
            SELECT stream, command, version, position, fingerprint, correlation FROM events
            WHERE position >= ? ORDER BY position
            """)
        segments = try connection.prepare("SELECT first FROM segments ORDER BY first DESC")
    }

    /// Where a stream ended when the table was last brought up to date.
    func head(of stream: StreamName) throws(SQLiteFailure) -> StreamHead? {
        defer { head.reset() }
        head.bind(1, stream.description)
        guard try head.step() else { return nil }
        return StreamHead(version: StreamVersion(head.unsigned(0)), position: Position(head.unsigned(1)))
    }

    /// The receipt of a command whose events start at one of `positions`, if it is there.
    func receipt(
        of id: CommandID, in stream: StreamName, at positions: [Position]
    ) throws(SQLiteFailure) -> Receipt? {
        for position in positions {
            if let receipt = try receipt(of: id, in: stream, startingAt: position) { return receipt }
        }
        return nil
    }

    /// The receipt of a command that some written segment holds, the newest segment first.
    func receiptInSegments(
        of id: CommandID, in stream: StreamName, hash: UInt64
    ) throws(SQLiteFailure) -> Receipt? {
        for segment in try segmentStarts() {
            let offsets = try SegmentIndex.offsets(of: hash, column: "commands", segment: segment, connection)
            let positions = offsets.map { Position(segment.rawValue + UInt64($0)) }
            if let receipt = try receipt(of: id, in: stream, at: positions) { return receipt }
        }
        return nil
    }

    /// Where every written segment starts, the newest first.
    func segmentStarts() throws(SQLiteFailure) -> [Position] {
        var starts: [Position] = []
        while try segments.step() { starts.append(Position(segments.unsigned(0))) }
        return starts
    }

    private func receipt(
        of id: CommandID, in stream: StreamName, startingAt position: Position
    ) throws(SQLiteFailure) -> Receipt? {
        defer { command.reset() }
        command.bind(1, position.rawValue)
        guard try command.step(), command.unsigned(3) == position.rawValue else {
            return try archived.receipt(of: id, in: stream, startingAt: position)
        }
        var receipt: Receipt?
        repeat {
            guard unsafe command.bytes(0).elementsEqual(stream.description.utf8),
                unsafe command.bytes(1).elementsEqual(id.description.utf8)
            else { break }
            receipt = Receipt(
                events: (receipt?.events ?? 0) + 1, version: StreamVersion(command.unsigned(2)),
                position: Position(command.unsigned(3)), fingerprint: command.unsigned(4),
                correlationID: CorrelationID(bits: command.bits(5)))
        } while try command.step()
        return receipt
    }
}
