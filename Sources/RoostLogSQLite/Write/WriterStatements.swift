import GRDBSQLite
import RoostArchive
import RoostCore
import RoostLog

/// The statements of a writing connection, prepared once.
final class WriterStatements {
    let begin, commit, rollback: Statement
    private let epoch: Statement
    /// Rows of one grouped INSERT.
    private static let groupRows = 16
    private static let columns: Int32 = 18
    private let insertEvent, insertGroup, insertCommit, insertMark, insertHead, headsThrough, insertSegment,
        insertType, insertArchive, archivedThrough: Statement

    init(_ connection: Connection) throws(SQLiteFailure) {
        begin = try connection.prepare("BEGIN IMMEDIATE")
        commit = try connection.prepare("COMMIT")
        rollback = try connection.prepare("ROLLBACK")
        epoch = try connection.prepare("SELECT max(epoch) FROM claims")
        let row = "(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
        let group = Array(repeating: row, count: Self.groupRows).joined(separator: ",")
        insertEvent = try connection.prepare("INSERT INTO events(\(Schema.appendedColumns)) VALUES \(row)")
        insertGroup = try connection.prepare("INSERT INTO events(\(Schema.appendedColumns)) VALUES \(group)")
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
        insertArchive = try connection.prepare("INSERT INTO archives VALUES (?,?,?,?,?,?,?,?,?)")
        archivedThrough = try connection.prepare("UPDATE log SET archived_through = ?")
        insertType = try connection.prepare("INSERT INTO segment_types VALUES (?,?,?,?,?)")
    }

    /// The newest epoch, inside whatever transaction is open.
    func newestEpoch() throws(SQLiteFailure) -> Epoch {
        defer { epoch.reset() }
        return try epoch.step() ? Epoch(epoch.unsigned(0)) : .none
    }

    /// Inserts the records of an arena, bound where they stand: nothing is copied before SQLite writes it to its page.
    func insert(_ placed: [PlacedRecord], of writer: borrowing EventWriter) throws(SQLiteFailure) {
        unsafe try writer.withUnsafeBytes { bytes throws(SQLiteFailure) in
            guard let base = bytes.baseAddress else { return }
            let inGroups = placed.count - placed.count % Self.groupRows
            for (index, record) in placed.enumerated() {
                let row = index < inGroups ? Int32(index % Self.groupRows) : 0
                let statement = index < inGroups ? insertGroup : insertEvent
                unsafe bind(RecordPointer(base + record.offset), record, to: statement, after: row * Self.columns)
                if index >= inGroups || row == Int32(Self.groupRows - 1) { try statement.run() }
            }
            for record in placed where record.version.rawValue % Schema.markInterval == 0 {
                unsafe try mark(RecordPointer(base + record.offset), record)
            }
        }
    }

    /// Binds one row; the parameters before it belong to the rows before it.
    private func bind(
        _ record: RecordPointer, _ placed: PlacedRecord, to row: Statement, after skipped: Int32
    ) {
        let base = unsafe record.base
        unsafe row.bind(skipped + 1, staticText: record.stream, count: record.streamBytes)
        row.bind(skipped + 2, placed.version.rawValue)
        row.bind(skipped + 3, placed.previous.rawValue)
        row.bind(skipped + 4, record.number(EventLayout.epoch, UInt64.self))
        unsafe row.bind(skipped + 5, staticText: record.type, count: record.typeBytes)
        row.bind(skipped + 6, Int64(record.number(EventLayout.schemaVersion, UInt32.self)))
        unsafe row.bind(skipped + 7, staticBytes: base + EventLayout.eventID, count: 16)
        unsafe row.bind(skipped + 8, staticBytes: base + EventLayout.correlationID, count: 16)
        let causationBytes = record.isRoot ? 0 : 16
        unsafe row.bind(skipped + 9, optionalBytes: base + EventLayout.causationID, count: causationBytes)
        unsafe row.bind(skipped + 10, staticText: record.command, count: record.commandBytes)
        row.bind(skipped + 11, record.number(EventLayout.fingerprint, UInt64.self))
        row.bind(skipped + 12, Int64(record.number(EventLayout.depth, UInt16.self)))
        let contentType = Int64(record.number(EventLayout.contentType, UInt16.self))
        row.bind(skipped + 13, contentType << 16 | Int64(record.number(EventLayout.flags, UInt16.self)))
        unsafe row.bind(skipped + 14, optionalText: record.traceparent, count: record.traceparentBytes)
        unsafe row.bind(skipped + 15, optionalText: record.subject, count: record.subjectBytes)
        row.bind(skipped + 16, record.number(EventLayout.recorded, Int64.self))
        row.bind(skipped + 17, record.number(EventLayout.occurred, Int64.self))
        unsafe row.bind(skipped + 18, staticBytes: record.payload, count: record.payloadBytes)
    }

    private func mark(_ record: RecordPointer, _ placed: PlacedRecord) throws(SQLiteFailure) {
        unsafe insertMark.bind(1, staticText: record.stream, count: record.streamBytes)
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

    /// Notes archives, and that their events are archived.
    func insert(_ archives: [ArchiveEntry]) throws(SQLiteFailure) {
        for archive in archives {
            insertArchive.bind(1, archive.first.rawValue)
            insertArchive.bind(2, archive.last.rawValue)
            insertArchive.bind(3, archive.recordedFrom.nanoseconds)
            insertArchive.bind(4, archive.recordedTo.nanoseconds)
            insertArchive.bind(5, archive.place)
            insertArchive.bind(6, archive.name)
            insertArchive.bind(7, Int64(archive.bytes))
            insertArchive.bind(8, Int64(archive.manifestBytes))
            insertArchive.bind(9, archive.manifestSHA256)
            try insertArchive.run()
        }
        guard let last = archives.last else { return }
        archivedThrough.bind(1, last.last.rawValue)
        try archivedThrough.run()
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
        for kind in segment.kinds {
            insertType.bind(1, segment.first.rawValue)
            insertType.bind(2, kind.kind.type)
            insertType.bind(3, Int64(kind.kind.schemaVersion))
            insertType.bind(4, kind.first.rawValue)
            insertType.bind(5, kind.count)
            try insertType.run()
        }
    }
}
