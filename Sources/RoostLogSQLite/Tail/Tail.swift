import RoostCore
import RoostLog

/// What the newest events say that no table holds yet, recovered by scanning them.
struct Tail {
    var heads: RecentHeads
    var segments: TailSegments
    /// The newest event.
    private(set) var end: Position
    /// How far the table `heads` goes; only readers keep it.
    private(set) var headsThrough: Position

    /// Reads everything after the older of the two tables' ends. Refuses a hole.
    static func recover(_ connection: Connection) throws(SQLiteFailure) -> Tail {
        let (headsThrough, segmentsThrough) = try tableEnds(connection)
        let start = min(headsThrough, segmentsThrough)
        var tail = Tail(
            heads: RecentHeads(through: headsThrough), segments: TailSegments(after: segmentsThrough), end: start,
            headsThrough: headsThrough)
        if segmentsThrough > .start { try tail.prime(at: segmentsThrough, connection) }
        try tail.extend(connection)
        return tail
    }

    /// Brings a reader's tail up to date: forgets what the tables hold by now and takes in what is new. Starts anew when
    /// the tables hold everything it knows, so that it never scans more than they leave out.
    mutating func refresh(_ connection: Connection) throws(SQLiteFailure) {
        let (headsThrough, segmentsThrough) = try Self.tableEnds(connection)
        guard min(headsThrough, segmentsThrough) <= end, !segments.isCut(at: segmentsThrough) else {
            self = try .recover(connection)
            return
        }
        if headsThrough > self.headsThrough {
            heads.drop(through: headsThrough)
            self.headsThrough = headsThrough
        }
        segments.drop(through: segmentsThrough)
        try extend(connection)
    }

    private static func tableEnds(
        _ connection: Connection
    ) throws(SQLiteFailure) -> (heads: Position, segments: Position) {
        let heads = try connection.number("SELECT heads_through FROM log") ?? 0
        let segments = try connection.number("SELECT max(last) FROM segments") ?? 0
        return (Position(heads), Position(segments))
    }

    /// How far the table `heads` goes for certain.
    var headsEnd: Position { heads.tableEnd }
    /// Where the newest written segment ends. The row there must stay, so an archive ends before it.
    var segmentsEnd: Position { segments.open.first.map { Position($0.first.rawValue - 1) } ?? end }

    /// What a commit must write so that one table, or both, hold everything; and the tail without it.
    func settled(
        heads settlesHeads: Bool, segments settlesSegments: Bool
    ) -> (heads: [(stream: StreamName, head: StreamHead)], segments: [OpenSegment], tail: Tail) {
        var tail = self
        if settlesHeads { tail.heads = RecentHeads(through: end) }
        guard settlesSegments else { return (heads.all, [], tail) }
        tail.segments.close()
        let written = tail.segments.open.filter(\.isComplete)
        tail.segments.drop(through: end)
        return (heads.all, written, tail)
    }

    /// Takes in the events after `end`.
    private mutating func extend(_ connection: Connection) throws(SQLiteFailure) {
        let scan = try connection.prepare(
            "SELECT \(Schema.bareColumns) FROM events WHERE position > ? ORDER BY position")
        scan.bind(1, end.rawValue)
        var builder = PageBuilder()
        while try scan.step() {
            try builder.add(scan)
            if builder.count == ReadLimits.eventsMax { try add(builder.finish(), connection) }
        }
        try add(builder.finish(), connection)
    }

    private mutating func add(_ page: EventPage, _ connection: Connection) throws(SQLiteFailure) {
        for event in page {
            guard event.position == end.next else {
                throw .hole(after: end, found: event.position)
            }
            add(event)
        }
    }

    /// Takes in the next event.
    private mutating func add(_ event: RecordedEvent) {
        heads.note(StreamKey(event.stream), StreamHead(version: event.version, position: event.position))
        if event.position > segments.end { segments.add(event) }
        end = event.position
    }

    /// Takes in what a commit stored, record by record of its arena, and where its streams end now.
    mutating func add(_ plan: AppendPlan, _ entries: [AppendBatch.Entry], _ placed: [PlacedRecord], of page: EventPage)
    {
        plan.forEachHead { heads.note($0, $1) }
        unsafe page.bytes.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            var index = 0
            for kept in plan.kept {
                for _ in 0..<entries[kept.entry].eventCount {
                    let record = placed[index]
                    unsafe segments.add(RecordPointer(base + record.offset), command: kept.hash, at: record.position)
                    index += 1
                }
            }
        }
        end = plan.last
    }

    private mutating func prime(at position: Position, _ connection: Connection) throws(SQLiteFailure) {
        let row = try connection.prepare("SELECT \(Schema.bareColumns) FROM events WHERE position = ?")
        row.bind(1, position.rawValue)
        guard try row.step() else { return }
        var builder = PageBuilder()
        try builder.add(row)
        if let event = builder.finish().first { segments.prime(event) }
    }
}
