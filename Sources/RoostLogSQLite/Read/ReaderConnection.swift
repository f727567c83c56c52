import RoostArchive
import RoostCore
import RoostLog

/// A read-only connection with its statements and the tail it has scanned so far.
final class ReaderConnection: @unchecked Sendable {
    // @unchecked: only used while the lock of its `SQLiteReader` is held.
    let connection: Connection
    let index: StoredIndex
    let archived: ArchivedEvents
    let commits: CommitRows
    private let begin, end: Statement
    private let page, row, back, mark, byID, segmentsHolding: Statement
    private var tail: Tail?

    init(_ connection: Connection, _ archives: ArchiveReader) throws(SQLiteFailure) {
        self.connection = connection
        archived = try ArchivedEvents(connection, archives)
        index = try StoredIndex(connection, archived)
        commits = try CommitRows(connection)
        begin = try connection.prepare("BEGIN")
        end = try connection.prepare("ROLLBACK")
        let columns = Schema.eventColumns
        page = try connection.prepare("SELECT \(columns) FROM events WHERE position > ? ORDER BY position LIMIT ?")
        row = try connection.prepare("SELECT \(columns) FROM events WHERE position = ?")
        back = try connection.prepare("SELECT previous FROM events WHERE position = ?")
        mark = try connection.prepare(
            "SELECT version, position FROM marks WHERE stream = ? AND version >= ? ORDER BY version LIMIT 1")
        byID = try connection.prepare(
            "SELECT position FROM events WHERE position BETWEEN ? AND ? AND event_id = ? LIMIT 1")
        segmentsHolding = try connection.prepare(
            "SELECT first, last FROM segments WHERE event_low <= ?1 AND event_high >= ?1 ORDER BY first DESC")
    }

    /// Runs `body` on one consistent state.
    func transaction<Result>(
        _ body: (ReaderConnection) throws(SQLiteFailure) -> Result
    ) throws(SQLiteFailure) -> Result {
        try begin.run()
        do {
            let result = try body(self)
            try end.run()
            return result
        } catch {
            if !connection.isIdle { try end.run() }
            throw error
        }
    }

    /// Runs `body` on the tail as of this transaction.
    func withTail<Result>(_ body: (inout Tail) -> Result) throws(SQLiteFailure) -> Result {
        var current: Tail
        if var known = tail.take() {
            try known.refresh(connection)
            current = known
        } else {
            current = try Tail.recover(connection)
        }
        defer { tail = current }
        return body(&current)
    }
}

extension ReaderConnection {
    /// One page after a position, with the back pointer of each event.
    func events(after position: Position, limit: Int) throws(SQLiteFailure) -> (EventPage, previous: [Position]) {
        var builder = PageBuilder()
        if let found = try add(after: position, to: &builder, limit: limit), found > position.next {
            let next = try archived.add(from: position.next, to: &builder, limit: limit)
            guard next > position.next else { throw .hole(after: position, found: found) }
            if builder.count < limit, !builder.isFull {
                let found = try add(after: Position(next.rawValue - 1), to: &builder, limit: limit)
                if let found, found > next { throw .hole(after: Position(next.rawValue - 1), found: found) }
            }
        }
        let previous = builder.previous
        return (builder.finish(), previous)
    }

    /// Adds what the file holds after a position, unless it goes on later than there. Returns where it goes on; nil when
    /// it holds nothing after the position.
    private func add(
        after position: Position, to builder: inout PageBuilder, limit: Int
    ) throws(SQLiteFailure) -> Position? {
        defer { page.reset() }
        page.bind(1, position.rawValue)
        page.bind(2, Int64(limit - builder.count))
        var found: Position?
        while !builder.isFull, try page.step() {
            if found == nil {
                found = Position(page.unsigned(0))
                guard found == position.next else { break }
            }
            try builder.add(page)
        }
        return found
    }

    /// All events of a range that exists, with the back pointer of each.
    func range(
        from first: Position, through last: Position
    ) throws(SQLiteFailure) -> (EventPage, previous: [Position]) {
        var (pages, previous): ([EventPage], [Position]) = ([], [])
        var position = Position(first.rawValue - 1)
        while position < last {
            let limit = Int(clamping: last.rawValue - position.rawValue)
            let (page, more) = try events(after: position, limit: min(limit, ReadLimits.eventsMax))
            guard let end = page.last?.position else { throw .hole(after: position, found: .start) }
            pages.append(page)
            previous += more
            position = end
        }
        return (pages.count == 1 ? pages[0] : .joining(pages.joined()), previous)
    }

    /// The events at `positions`, in that order.
    func events(at positions: some Sequence<Position>) throws(SQLiteFailure) -> EventPage {
        var builder = PageBuilder()
        for position in positions where !builder.isFull { try add(position, to: &builder) }
        return builder.finish()
    }

    private func add(_ position: Position, to builder: inout PageBuilder) throws(SQLiteFailure) {
        defer { row.reset() }
        row.bind(1, position.rawValue)
        if try row.step() { return try builder.add(row) }
        guard let block = try archived.block(holding: position) else { throw .hole(after: position, found: .start) }
        try builder.add(position, of: block)
    }

    func head(of stream: StreamName) throws(SQLiteFailure) -> StreamHead {
        if let recent = try withTail({ $0.heads.find(StreamKey(stream)) }) { return recent }
        return try index.head(of: stream) ?? .none
    }

    /// The positions of the versions from `from` to `through` of a stream, ascending: back along `previous`, from the
    /// nearest mark at or after `through`.
    func positions(
        of stream: StreamName, from: StreamVersion, through: StreamVersion, head: StreamHead
    ) throws(SQLiteFailure) -> [Position] {
        var at = try marked(stream, from: through) ?? head
        var positions: [Position] = []
        while at.version >= from {
            if at.version <= through { positions.append(at.position) }
            guard at.version > from else { break }
            at = StreamHead(
                version: StreamVersion(at.version.rawValue - 1), position: try previous(of: at, in: stream))
        }
        return positions.reversed()
    }

    private func previous(of head: StreamHead, in stream: StreamName) throws(SQLiteFailure) -> Position {
        defer { back.reset() }
        back.bind(1, head.position.rawValue)
        guard try back.step() else { return try archived.previous(of: head, in: stream) }
        guard back.unsigned(0) > 0 else { throw .hole(after: head.position, found: .start) }
        return Position(back.unsigned(0))
    }

    private func marked(_ stream: StreamName, from version: StreamVersion) throws(SQLiteFailure) -> StreamHead? {
        defer { mark.reset() }
        mark.bind(1, stream.description)
        mark.bind(2, version.rawValue)
        guard try mark.step() else { return nil }
        return StreamHead(version: StreamVersion(mark.unsigned(0)), position: Position(mark.unsigned(1)))
    }

    /// Where the mark of exactly this version points; nil without one.
    func mark(_ stream: StreamName, at version: StreamVersion) throws(SQLiteFailure) -> Position? {
        guard let found = try marked(stream, from: version), found.version == version else { return nil }
        return found.position
    }

    /// Where an event stands: looks only through segments whose range of IDs holds it, and the tail.
    func position(of id: EventID) throws(SQLiteFailure) -> Position? {
        let bytes = bigEndianBytes(id.bits)
        segmentsHolding.bind(1, bytes)
        let end = Position(try connection.number("SELECT max(last) FROM segments") ?? 0)
        var ranges = [(end.next, Position(UInt64(Int64.max)))]
        while try segmentsHolding.step() {
            ranges.append((Position(segmentsHolding.unsigned(0)), Position(segmentsHolding.unsigned(1))))
        }
        for (first, last) in ranges {
            if let position = try position(of: bytes, from: first, through: last) { return position }
        }
        for (first, last) in ranges.dropFirst() {
            if let position = try archived.position(of: id, from: first, through: last) { return position }
        }
        return nil
    }

    private func position(
        of id: [UInt8], from first: Position, through last: Position
    ) throws(SQLiteFailure) -> Position? {
        defer { byID.reset() }
        byID.bind(1, first.rawValue)
        byID.bind(2, last.rawValue)
        byID.bind(3, id)
        return try byID.step() ? Position(byID.unsigned(0)) : nil
    }
}
