import GRDBSQLite
import RoostCore
import RoostLog

extension SQLiteReader {
    func verify(progress: (Position) -> Void) throws(EventLogError) -> [LogFinding] {
        try verify(fileAlone: false, progress: progress)
    }

    /// With `fileAlone` archives are not read: what they hold was verified before its rows left the file.
    func verify(fileAlone: Bool, progress: (Position) -> Void) throws(EventLogError) -> [LogFinding] {
        var verification = try read { reader throws(SQLiteFailure) in
            try FileVerification(partition: file.partition, fileAlone: fileAlone, reader)
        }
        do {
            var isComplete = false
            while !isComplete {
                isComplete = try read { reader throws(SQLiteFailure) in try verification.checkPage(reader) }
                progress(verification.position)
            }
            try read { reader throws(SQLiteFailure) in try verification.checkTables(reader) }
        } catch {
            let archived = try read { reader throws(SQLiteFailure) in try reader.archived.through() }
            if !fileAlone, verification.position < archived {
                // What is in the file does not depend on what an archive says.
                verification.report(error.message)
                return try verification.findings + verify(fileAlone: true, progress: progress)
            }
            guard error.code == .corrupt, let failure = error.failure else { throw error }
            verification.report("the file is damaged from here on: \(failure.message)")
        }
        return verification.findings
    }
}

/// Checks a partition file page by page: the events against each other and against every table made from them.
struct FileVerification {
    private var log: LogVerifier
    private var segments: TailSegments
    private let headsThrough: Position
    /// Events up to here are not looked at.
    private let start: Position

    init(partition: PartitionID, fileAlone: Bool, _ reader: ReaderConnection) throws(SQLiteFailure) {
        start = fileAlone ? try reader.archived.through() : .start
        let newest = start == .start ? nil : try reader.commits.holding(start)
        log = LogVerifier(
            partition: partition, epochs: Set(try reader.commits.claims().map(\.epoch)), after: newest)
        let covered = try reader.connection.number(
            "SELECT max(last) FROM segments WHERE first <= \(start.rawValue)")
        segments = TailSegments(after: Position(covered ?? 0))
        headsThrough = Position(try reader.connection.number("SELECT heads_through FROM log") ?? 0)
    }

    var position: Position { log.position }
    var findings: [LogFinding] { log.findings }
    mutating func report(_ problem: String) { log.report(position.next, problem) }

    /// Checks the next events; true when there are none.
    mutating func checkPage(_ reader: ReaderConnection) throws(SQLiteFailure) -> Bool {
        let (page, previous) = try reader.events(after: position, limit: ReadLimits.eventsMax)
        guard let last = page.last?.position else { return true }
        log.check(page, previous: previous, commits: try reader.commits.overlapping(after: position, through: last))
        let ends = try segmentEnds(from: Position(last.rawValue - UInt64(page.count)), through: last, reader)
        // The newest segment may have been ended since the page before.
        if ends.contains(segments.end) { segments.close() }
        for event in page {
            add(event, endsSegment: ends.contains(event.position))
            guard event.version.rawValue % Schema.markInterval == 0 else { continue }
            if try reader.mark(event.stream, at: event.version) != event.position {
                log.report(event.position, "no mark, or a wrong one, for version \(event.version) of its stream")
            }
        }
        while let segment = segments.complete {
            try check(segment, reader)
            segments.drop(through: segment.last)
        }
        return false
    }

    private mutating func add(_ event: RecordedEvent, endsSegment: Bool) {
        if event.position == segments.end { return segments.prime(event) }
        guard event.position > segments.end else { return }
        segments.add(event)
        // It may have been ended before it was full.
        if endsSegment { segments.close() }
    }

    private func segmentEnds(
        from first: Position, through last: Position, _ reader: ReaderConnection
    ) throws(SQLiteFailure) -> Set<Position> {
        let rows = try reader.connection.prepare("SELECT last FROM segments WHERE last >= ? AND last <= ?")
        rows.bind(1, first.rawValue)
        rows.bind(2, last.rawValue)
        var ends: Set<Position> = []
        while try rows.step() { ends.insert(Position(rows.unsigned(0))) }
        return ends
    }

    /// Checks what is left once all events are.
    mutating func checkTables(_ reader: ReaderConnection) throws(SQLiteFailure) {
        log.finish()
        if let newest = try reader.commits.newest(), newest.first > position.next {
            log.report(newest.first, "commits go on to \(newest.last), but events end at \(position)")
        }
        try checkHeads(reader)
    }

    private mutating func check(_ segment: OpenSegment, _ reader: ReaderConnection) throws(SQLiteFailure) {
        let row = try reader.connection.prepare(
            """
            SELECT last, recorded_from, recorded_to, event_low, event_high, commands, correlations
            FROM segments WHERE first = ?
            """)
        row.bind(1, segment.first.rawValue)
        guard try row.step() else {
            // The newest one is written with the next commit.
            guard let newest = try reader.commits.newest(), segment.last < newest.last else { return }
            return log.report(segment.last, "the segment from \(segment.first) on is missing")
        }
        let commands = SegmentIndex.encode(segment.entries.map { ($0.command, $0.offset) })
        let correlations = SegmentIndex.encode(segment.entries.map { ($0.correlation, $0.offset) })
        let isRight =
            unsafe row.unsigned(0) == segment.last.rawValue && row.int(1) == segment.recordedFrom.nanoseconds
            && row.int(2) == segment.recordedTo.nanoseconds && row.bits(3) == segment.eventLow
            && row.bits(4) == segment.eventHigh && row.bytes(5).elementsEqual(commands)
            && row.bytes(6).elementsEqual(correlations)
        if !isRight { log.report(segment.last, "the segment from \(segment.first) on does not match its events") }
        try checkCounts(segment, reader)
    }

    private mutating func checkCounts(_ segment: OpenSegment, _ reader: ReaderConnection) throws(SQLiteFailure) {
        let rows = try reader.connection.prepare(
            "SELECT type, schema_version, count, first FROM segment_types WHERE segment = ?")
        rows.bind(1, segment.first.rawValue)
        var found: Set<KindCount> = []
        while try rows.step() { found.insert(rows.kindCount()) }
        if found != Set(segment.kinds) { log.report(segment.last, "counts per kind differ from \(segment.first) on") }
    }

    /// Every stream that has not grown since the table was brought up to date is in it as it is, and every row leads to
    /// an event of its stream.
    private mutating func checkHeads(_ reader: ReaderConnection) throws(SQLiteFailure) {
        var missing = log.heads.filter { $0.value.position <= headsThrough }
        let rows = try reader.connection.prepare("SELECT stream, version, position FROM heads")
        let events = try reader.connection.prepare("SELECT stream, version FROM events WHERE position = ?")
        while try rows.step() {
            let stream = StreamName(unchecked: rows.text(0))
            let settled = missing.removeValue(forKey: stream)
            let stored = StreamHead(version: StreamVersion(rows.unsigned(1)), position: Position(rows.unsigned(2)))
            // Where its events end is known from reading them all.
            if stored == log.heads[stream] { continue }
            // And an older place than the first one looked at says nothing.
            if settled == nil, stored.position <= start { continue }
            let leadsToItsEvent = try leads(stored, to: stream, events, reader)
            if !leadsToItsEvent || settled.map({ $0.position > stored.position }) == true {
                log.report(stored.position, "the stored head of its stream does not match its events")
            }
        }
        for head in missing.values { log.report(head.position, "the stored head of its stream is missing") }
    }
    private func leads(
        _ head: StreamHead, to stream: StreamName, _ events: Statement, _ reader: ReaderConnection
    ) throws(SQLiteFailure) -> Bool {
        defer { events.reset() }
        events.bind(1, head.position.rawValue)
        if try events.step() {
            return unsafe events.bytes(0).elementsEqual(stream.description.utf8)
                && events.unsigned(1) == head.version.rawValue
        }
        let archived = try reader.archived.event(at: head.position)
        return archived?.stream == stream && archived?.version == head.version
    }
}
