import GRDBSQLite
import RoostCore
import RoostLog

/// The statements of a writing connection, prepared once.
final class WriterStatements {
    let begin, commit, rollback, epoch: Statement
    private let insertEvent, insertCommit, insertMark, insertHead, headsThrough, insertSegment, insertType: Statement

    init(_ connection: Connection) throws(SQLiteFailure) {
        begin = try connection.prepare("BEGIN IMMEDIATE")
        commit = try connection.prepare("COMMIT")
        rollback = try connection.prepare("ROLLBACK")
        epoch = try connection.prepare("SELECT max(epoch) FROM claims")
        insertEvent = try connection.prepare(
            "INSERT INTO events(\(Schema.eventColumns)) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)")
        insertCommit = try connection.prepare(
            "INSERT INTO commits(last, first, epoch, recorded, digest) VALUES (?,?,?,?,?)")
        insertMark = try connection.prepare("INSERT INTO marks(stream, version, position) VALUES (?,?,?)")
        insertHead = try connection.prepare(
            """
            INSERT INTO heads(stream, version, position) VALUES (?,?,?) ON CONFLICT (stream)
            DO UPDATE SET version = excluded.version, position = excluded.position
            """)
        headsThrough = try connection.prepare("UPDATE log SET heads_through = ?")
        insertSegment = try connection.prepare("INSERT INTO segments VALUES (?,?,?,?,?,?,?,?)")
        insertType = try connection.prepare("INSERT INTO segment_types VALUES (?,?,?)")
    }

    /// The newest epoch, inside whatever transaction is open.
    func newestEpoch() throws(SQLiteFailure) -> Epoch {
        defer { epoch.reset() }
        return try epoch.step() ? Epoch(epoch.unsigned(0)) : .none
    }

    /// Inserts the records of an arena.
    func insert(_ placed: [PlacedRecord], of writer: borrowing EventWriter) throws(SQLiteFailure) {
        try writer.withUnsafeBytes { bytes throws(SQLiteFailure) in
            guard let base = bytes.baseAddress else { return }
            for record in placed { try insert(base + record.offset, record) }
        }
    }

    /// Inserts the record at `base`, bound where it stands: nothing is copied before SQLite writes it to its page.
    private func insert(_ base: UnsafeRawPointer, _ placed: PlacedRecord) throws(SQLiteFailure) {
        let record = RecordPointer(base)
        insertEvent.bind(1, placed.position.rawValue)
        insertEvent.bind(2, staticText: record.stream, count: record.streamBytes)
        insertEvent.bind(3, placed.version.rawValue)
        insertEvent.bind(4, placed.previous.rawValue)
        insertEvent.bind(5, record.number(EventLayout.epoch, UInt64.self))
        insertEvent.bind(6, staticText: record.type, count: record.typeBytes)
        insertEvent.bind(7, Int64(record.number(EventLayout.schemaVersion, UInt32.self)))
        insertEvent.bind(8, staticBytes: base + EventLayout.eventID, count: 16)
        insertEvent.bind(9, staticBytes: base + EventLayout.correlationID, count: 16)
        if record.isRoot {
            insertEvent.bindNull(10)
        } else {
            insertEvent.bind(10, staticBytes: base + EventLayout.causationID, count: 16)
        }
        insertEvent.bind(11, staticText: record.command, count: record.commandBytes)
        insertEvent.bind(12, record.number(EventLayout.fingerprint, UInt64.self))
        insertEvent.bind(13, Int64(record.number(EventLayout.depth, UInt16.self)))
        let contentType = Int64(record.number(EventLayout.contentType, UInt16.self))
        insertEvent.bind(14, contentType << 16 | Int64(record.number(EventLayout.flags, UInt16.self)))
        bindOptional(15, record.traceparent, record.traceparentBytes)
        bindOptional(16, record.subject, record.subjectBytes)
        insertEvent.bind(17, record.number(EventLayout.recorded, Int64.self))
        insertEvent.bind(18, record.number(EventLayout.occurred, Int64.self))
        insertEvent.bind(19, staticBytes: record.payload, count: record.payloadBytes)
        try insertEvent.run()
        if placed.version.rawValue % Schema.markInterval == 0 { try mark(record, placed) }
    }

    private func bindOptional(_ index: Int32, _ text: UnsafeRawPointer, _ count: Int) {
        if count == 0 { insertEvent.bindNull(index) } else { insertEvent.bind(index, staticText: text, count: count) }
    }

    private func mark(_ record: RecordPointer, _ placed: PlacedRecord) throws(SQLiteFailure) {
        insertMark.bind(1, staticText: record.stream, count: record.streamBytes)
        insertMark.bind(2, placed.version.rawValue)
        insertMark.bind(3, placed.position.rawValue)
        try insertMark.run()
    }

    func insert(_ commit: CommitRecord) throws(SQLiteFailure) {
        insertCommit.bind(1, commit.last.rawValue)
        insertCommit.bind(2, commit.first.rawValue)
        insertCommit.bind(3, commit.epoch.rawValue)
        insertCommit.bind(4, commit.recorded.nanoseconds)
        insertCommit.bind(5, commit.digest)
        try insertCommit.run()
    }

    /// Writes a slice of heads, and how far the table goes when that was the last one.
    func insert(
        _ heads: ArraySlice<(stream: StreamName, head: StreamHead)>, completing through: Position?
    ) throws(SQLiteFailure) {
        for (stream, head) in heads {
            insertHead.bind(1, stream.description)
            insertHead.bind(2, head.version.rawValue)
            insertHead.bind(3, head.position.rawValue)
            try insertHead.run()
        }
        guard let through else { return }
        headsThrough.bind(1, through.rawValue)
        try headsThrough.run()
    }

    func insert(_ segment: OpenSegment) throws(SQLiteFailure) {
        insertSegment.bind(1, segment.first.rawValue)
        insertSegment.bind(2, segment.last.rawValue)
        insertSegment.bind(3, segment.recordedFrom.nanoseconds)
        insertSegment.bind(4, segment.recordedTo.nanoseconds)
        insertSegment.bind(5, bigEndianBytes(segment.eventLow))
        insertSegment.bind(6, bigEndianBytes(segment.eventHigh))
        insertSegment.bind(7, SegmentIndex.encode(segment.entries.map { ($0.command, $0.offset) }))
        insertSegment.bind(8, SegmentIndex.encode(segment.entries.map { ($0.correlation, $0.offset) }))
        try insertSegment.run()
        for (type, count) in segment.counts {
            insertType.bind(1, segment.first.rawValue)
            insertType.bind(2, type)
            insertType.bind(3, count)
            try insertType.run()
        }
    }
}

/// The fields of one record in an arena that does not move while it is used.
private struct RecordPointer {
    private let base: UnsafeRawPointer
    let streamBytes, typeBytes, commandBytes, traceparentBytes, subjectBytes: Int

    init(_ base: UnsafeRawPointer) {
        self.base = base
        func length(_ field: Int) -> Int {
            Int(UInt16(littleEndian: base.loadUnaligned(fromByteOffset: field, as: UInt16.self)))
        }
        streamBytes = length(EventLayout.streamBytes)
        typeBytes = length(EventLayout.typeBytes)
        commandBytes = length(EventLayout.commandBytes)
        traceparentBytes = length(EventLayout.traceparentBytes)
        subjectBytes = length(EventLayout.subjectBytes)
    }

    func number<Value: FixedWidthInteger>(_ field: Int, _ type: Value.Type) -> Value {
        Value(littleEndian: base.loadUnaligned(fromByteOffset: field, as: Value.self))
    }

    var isRoot: Bool {
        number(EventLayout.causationID, UInt64.self) | number(EventLayout.causationID + 8, UInt64.self) == 0
    }
    var stream: UnsafeRawPointer { base + EventLayout.headBytes }
    var type: UnsafeRawPointer { stream + streamBytes }
    var command: UnsafeRawPointer { type + typeBytes }
    var traceparent: UnsafeRawPointer { command + commandBytes }
    var subject: UnsafeRawPointer { traceparent + traceparentBytes }
    var payload: UnsafeRawPointer { subject + subjectBytes }
    var payloadBytes: Int { Int(number(0, UInt32.self)) - (payload - base) }
}
