import RoostArchive
import RoostCore
import RoostLog

/// The events of a partition that have left its file: found through the table `archives`, read from where they are.
///
/// The file is always asked first; only who does not find a row comes here.
final class ArchivedEvents {
    private let connection: Connection
    private let reader: ArchiveReader
    private let entry, overlapping: Statement
    private static let columns =
        "first, last, recorded_from, recorded_to, place, name, bytes, manifest_bytes, manifest_digest"

    init(_ connection: Connection, _ reader: ArchiveReader) throws(SQLiteFailure) {
        self.connection = connection
        self.reader = reader
        entry = try connection.prepare(
            "SELECT \(Self.columns) FROM archives WHERE first <= ? ORDER BY first DESC LIMIT 1")
        overlapping = try connection.prepare(
            "SELECT \(Self.columns) FROM archives WHERE first <= ? AND last >= ? ORDER BY first")
    }

    /// The newest archived position; `.start` when nothing is archived.
    func through() throws(SQLiteFailure) -> Position {
        Position(try connection.number("SELECT archived_through FROM log") ?? 0)
    }

    /// All archives, in order.
    func entries() throws(SQLiteFailure) -> [ArchiveEntry] {
        try entries(from: Position(1), through: Position(UInt64(Int64.max)))
    }

    /// The block that holds a position; nil when that is not archived.
    func block(holding position: Position) throws(SQLiteFailure) -> ArchiveBlock? {
        guard let entry = try entry(holding: position) else { return nil }
        do { return try reader.block(holding: position, of: entry) } catch { throw SQLiteFailure(error) }
    }

    /// The event at a position; nil when that is not archived.
    func event(at position: Position) throws(SQLiteFailure) -> RecordedEvent? {
        guard let block = try block(holding: position) else { return nil }
        var builder = PageBuilder()
        try builder.add(position, of: block)
        return builder.finish().first
    }

    /// Adds the archived events from `position` on, up to `limit` in the builder. Returns the first position that it did
    /// not add.
    func add(from position: Position, to builder: inout PageBuilder, limit: Int) throws(SQLiteFailure) -> Position {
        var position = position
        while builder.count < limit, !builder.isFull, let block = try block(holding: position) {
            while builder.count < limit, !builder.isFull, position <= block.last {
                try builder.add(position, of: block)
                position = position.next
            }
        }
        return position
    }

    /// The receipt of a command whose first event stands at `position`; nil when it is not archived or another's.
    func receipt(
        of id: CommandID, in stream: StreamName, startingAt position: Position
    ) throws(SQLiteFailure) -> Receipt? {
        var receipt: Receipt?
        var position = position
        while let event = try event(at: position), event.stream == stream, event.commandID == id {
            receipt = Receipt(
                events: (receipt?.events ?? 0) + 1, version: event.version, position: event.position,
                fingerprint: event.fingerprint, correlationID: event.correlationID)
            position = position.next
        }
        return receipt
    }

    /// Where the event at `position` has its stream's event before it. Throws when it is not archived, or not of that stream
    /// and version.
    func previous(of head: StreamHead, in stream: StreamName) throws(SQLiteFailure) -> Position {
        guard let block = try block(holding: head.position) else { throw .hole(after: head.position, found: .start) }
        var builder = PageBuilder()
        try builder.add(head.position, of: block)
        let previous = builder.previous[0]
        guard let event = builder.finish().first, event.stream == stream, event.version == head.version,
            previous > .start
        else { throw .hole(after: head.position, found: .start) }
        return previous
    }

    /// Where an event stands between two positions, both included; nil when it is not archived there.
    func position(of id: EventID, from first: Position, through last: Position) throws(SQLiteFailure) -> Position? {
        for entry in try entries(from: first, through: last) {
            for block in try blocks(of: entry) where block.eventLow <= id && id <= block.eventHigh {
                if let position = try position(of: id, in: block) { return position }
            }
        }
        return nil
    }

    private func position(of id: EventID, in block: ArchiveOutline.Block) throws(SQLiteFailure) -> Position? {
        var builder = PageBuilder()
        _ = try add(from: block.first, to: &builder, limit: Int(block.last.rawValue - block.first.rawValue) + 1)
        return builder.finish().first { $0.eventID == id }?.position
    }

    private func blocks(of entry: ArchiveEntry) throws(SQLiteFailure) -> [ArchiveOutline.Block] {
        do { return try reader.outline(of: entry).blocks } catch { throw SQLiteFailure(error) }
    }

    private func entry(holding position: Position) throws(SQLiteFailure) -> ArchiveEntry? {
        defer { entry.reset() }
        entry.bind(1, position.rawValue)
        guard try entry.step() else { return nil }
        let found = entry.archiveEntry()
        return found.last >= position ? found : nil
    }

    private func entries(from first: Position, through last: Position) throws(SQLiteFailure) -> [ArchiveEntry] {
        overlapping.bind(1, last.rawValue)
        overlapping.bind(2, first.rawValue)
        var found: [ArchiveEntry] = []
        while try overlapping.step() { found.append(overlapping.archiveEntry()) }
        return found
    }
}

extension Statement {
    fileprivate func archiveEntry() -> ArchiveEntry {
        ArchiveEntry(
            first: Position(unsigned(0)), last: Position(unsigned(1)), recordedFrom: Timestamp(nanoseconds: int(2)),
            recordedTo: Timestamp(nanoseconds: int(3)), place: text(4), name: text(5), bytes: Int(int(6)),
            manifestBytes: Int(int(7)), manifestSHA256: text(8))
    }
}
