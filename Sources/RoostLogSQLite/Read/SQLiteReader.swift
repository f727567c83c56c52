import RoostCore
import RoostLog
import Synchronization

/// Reads one partition file, read-only, each call in a short read transaction of its own. Safe from any thread: calls
/// take turns on one connection.
final class SQLiteReader: PartitionReader {
    let file: PartitionFile
    private let path: String
    private let opened = Mutex<ReaderConnection?>(nil)

    /// `path` is the file to read: the partition's own, or a copy of it.
    init(_ file: PartitionFile, path: String) {
        self.file = file
        self.path = path
    }

    var partition: PartitionID { file.partition }

    func head() throws(EventLogError) -> LogHead {
        let newest = try read { reader throws(SQLiteFailure) in try reader.commits.newest() }
        return LogHead(
            position: newest?.last ?? .start, epoch: newest?.epoch ?? .none, digest: newest?.digest ?? [])
    }

    func claim() throws(EventLogError) -> Claim? {
        try read { reader throws(SQLiteFailure) in try reader.commits.claim() }
    }

    func claims() throws(EventLogError) -> [Claim] {
        try read { reader throws(SQLiteFailure) in try reader.commits.claims() }
    }

    func events(after position: Position, limit: Int) throws(EventLogError) -> EventPage {
        let limit = try ReadLimits.checked(limit)
        // SQLite's numbers end there, so nothing can come after.
        guard position.rawValue < UInt64(Int64.max) else { return .empty }
        return try read { reader throws(SQLiteFailure) in try reader.events(after: position, limit: limit).0 }
    }

    func events(
        ofTypes types: Set<String>, after position: Position, through end: Position, limit: Int
    ) throws(EventLogError) -> EventStretch {
        let limit = try ReadLimits.checked(limit)
        let end = min(end, Position(UInt64(Int64.max)))
        guard position < end else { return EventStretch(events: .empty, through: position) }
        return try read { reader throws(SQLiteFailure) in
            try reader.events(ofTypes: types, after: position, through: end, limit: limit)
        }
    }

    func events(of stream: StreamName, from version: StreamVersion, limit: Int) throws(EventLogError) -> EventPage {
        let limit = try ReadLimits.checked(limit)
        let from = max(version, StreamVersion(1))
        return try read { reader throws(SQLiteFailure) in
            let head = try reader.head(of: stream)
            guard from <= head.version else { return .empty }
            let through = StreamVersion(min(head.version.rawValue, from.rawValue + UInt64(limit) - 1))
            let positions = try reader.positions(of: stream, from: from, through: through, head: head)
            return try reader.events(at: positions)
        }
    }

    func version(of stream: StreamName) throws(EventLogError) -> StreamVersion {
        try read { reader throws(SQLiteFailure) in try reader.head(of: stream).version }
    }

    func receipt(of command: CommandID, in stream: StreamName) throws(EventLogError) -> Receipt? {
        let hash = CommandHash.of(StreamKey(stream), command)
        return try read { reader throws(SQLiteFailure) in
            guard try reader.head(of: stream) != .none else { return nil }
            let recent = try reader.withTail { $0.segments.positions(command: hash) }
            if let receipt = try reader.index.receipt(of: command, in: stream, at: recent) { return receipt }
            return try reader.index.receiptInSegments(of: command, in: stream, hash: hash)
        }
    }

    func events(correlation: CorrelationID) throws(EventLogError) -> EventPage {
        try read { reader throws(SQLiteFailure) in try reader.events(correlation: correlation) }
    }

    func event(_ id: EventID) throws(EventLogError) -> RecordedEvent? {
        try read { reader throws(SQLiteFailure) in
            guard let position = try reader.position(of: id) else { return nil }
            return try reader.events(at: [position]).first
        }
    }

    func counts(through position: Position) throws(EventLogError) -> [String: UInt64] {
        let position = min(position, Position(UInt64(Int64.max)))
        return try read { reader throws(SQLiteFailure) in try reader.counts(through: position) }
    }

    func kinds() throws(EventLogError) -> [KindCount] {
        try read { reader throws(SQLiteFailure) in try reader.kinds() }
    }

    func commit(holding position: Position) throws(EventLogError) -> CommitRecord? {
        guard position > .start else { return nil }
        return try read { reader throws(SQLiteFailure) in try reader.commits.holding(position) }
    }

    /// Runs `body` in a read transaction. A file that was replaced meanwhile, by a recovery, is opened anew.
    func read<Result: Sendable>(
        _ body: (ReaderConnection) throws(SQLiteFailure) -> Result
    ) throws(EventLogError) -> Result {
        try opened.withLock { (slot) throws(EventLogError) in try run(body, on: try current(&slot)) }
    }

    private func current(_ slot: inout ReaderConnection?) throws(EventLogError) -> ReaderConnection {
        if let reader = slot, !reader.connection.hasMoved { return reader }
        let reader = try open()
        slot = reader
        return reader
    }

    private func run<Result>(
        _ body: (ReaderConnection) throws(SQLiteFailure) -> Result, on reader: ReaderConnection
    ) throws(EventLogError) -> Result {
        do throws(SQLiteFailure) { return try reader.transaction(body) } catch { throw error.whileReading(path) }
    }

    func open() throws(EventLogError) -> ReaderConnection {
        try file.checkExists()
        let connection: Connection
        do { connection = try Connection(path: path, isReadOnly: true) } catch { throw error.whileReading(path) }
        try file.checkIdentity(connection)
        do { return try ReaderConnection(connection, file.archiveReader()) } catch { throw error.whileReading(path) }
    }
}
