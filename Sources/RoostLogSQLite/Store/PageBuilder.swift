import GRDBSQLite
import RoostArchive
import RoostCore
import RoostLog

/// Turns rows of `Schema.eventColumns` back into canonical bytes.
struct PageBuilder: ~Copyable {
    private var writer = EventWriter()
    private var offsets: [Int] = []
    /// The back pointer of each event.
    private(set) var previous: [Position] = []

    var count: Int { offsets.count }
    var isFull: Bool { writer.count >= ReadLimits.bytesMax }

    /// Adds the row the statement stands on.
    mutating func add(_ row: Statement) throws(SQLiteFailure) {
        var raw = RawEvent()
        raw.position = row.unsigned(0)
        unsafe raw.stream = unsafe row.bytes(1)
        raw.version = row.unsigned(2)
        raw.epoch = row.unsigned(4)
        unsafe raw.type = unsafe row.bytes(5)
        raw.schemaVersion = UInt32(truncatingIfNeeded: row.int(6))
        raw.eventID = row.bits(7)
        raw.correlationID = row.bits(8)
        raw.causationID = row.bits(9)
        unsafe raw.command = unsafe row.bytes(10)
        raw.fingerprint = row.unsigned(11)
        raw.depth = UInt16(truncatingIfNeeded: row.int(12))
        raw.flags = UInt16(truncatingIfNeeded: row.int(13))
        raw.contentType = UInt16(truncatingIfNeeded: row.int(13) >> 16)
        unsafe raw.traceparent = unsafe row.bytes(14)
        unsafe raw.subject = unsafe row.bytes(15)
        raw.recorded = row.int(16)
        raw.occurred = row.int(17)
        unsafe raw.payload = unsafe row.bytes(18)
        guard raw.textBytes <= Int(UInt16.max), unsafe raw.payload.count <= EventLayout.payloadBytesMax else {
            throw SQLiteFailure(code: SQLITE_CORRUPT, message: "the lengths at position \(raw.position) are impossible")
        }
        previous.append(Position(row.unsigned(3)))
        offsets.append(writer.append(raw))
    }

    /// Adds the event that an archive holds at `position`.
    mutating func add(_ position: Position, of block: ArchiveBlock) throws(SQLiteFailure) {
        guard let added = block.append(position, to: &writer) else {
            throw SQLiteFailure(
                EventLogError(.corrupt, "the archived line of position \(position) cannot be read by this build"))
        }
        previous.append(added.previous)
        offsets.append(added.offset)
    }

    /// The page so far; starts an empty one.
    mutating func finish() -> EventPage {
        defer {
            offsets = []
            previous = []
        }
        return EventPage(checked: writer.finish(), offsets: offsets)
    }
}
