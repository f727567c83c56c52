import RoostCore
import RoostLog

extension ReaderConnection {
    /// All events of a chain: index entries lead to the first event of each command, the rest of it follows.
    func events(correlation: CorrelationID) throws(SQLiteFailure) -> EventPage {
        let hash = CorrelationHash.of(correlation.bits)
        var starts: [Position] = []
        for segment in try index.segmentStarts().reversed() {
            let offsets = try SegmentIndex.offsets(of: hash, column: "correlations", segment: segment, connection)
            starts += offsets.map { Position(segment.rawValue + UInt64($0)) }
        }
        starts += try withTail { $0.segments.positions(correlation: hash) }
        return try commands(startingAt: starts, of: correlation)
    }

    private func commands(
        startingAt starts: [Position], of correlation: CorrelationID
    ) throws(SQLiteFailure) -> EventPage {
        let rows = try connection.prepare(
            "SELECT \(Schema.eventColumns) FROM events WHERE position >= ? ORDER BY position")
        var builder = PageBuilder()
        var end = Position.start
        for start in starts where start > end {
            defer { rows.reset() }
            rows.bind(1, start.rawValue)
            guard try rows.step(), rows.unsigned(0) == start.rawValue else {
                end = try addArchived(from: start, of: correlation, to: &builder)
                continue
            }
            repeat {
                guard rows.bits(8) == correlation.bits else { break }
                try builder.add(rows)
                end = Position(rows.unsigned(0))
            } while try rows.step()
        }
        return builder.finish()
    }

    /// Returns the last position that belongs to the chain; `start` when not even that does.
    private func addArchived(
        from start: Position, of correlation: CorrelationID, to builder: inout PageBuilder
    ) throws(SQLiteFailure) -> Position {
        var position = start
        while let event = try archived.event(at: position), event.correlationID == correlation,
            let block = try archived.block(holding: position)
        {
            try builder.add(position, of: block)
            position = position.next
        }
        return position > start ? Position(position.rawValue - 1) : start
    }

    /// How many events of each type there are up to a position: whole segments from their rows, the rest by counting.
    func counts(through position: Position) throws(SQLiteFailure) -> [String: UInt64] {
        var counts: [String: UInt64] = [:]
        let stored = try connection.prepare(
            """
            SELECT type, sum(count) FROM segment_types
            WHERE segment IN (SELECT first FROM segments WHERE last <= ?) GROUP BY type
            """)
        stored.bind(1, position.rawValue)
        try add(stored, to: &counts)
        let ends = try connection.prepare("SELECT max(last) FROM segments WHERE last <= ?")
        ends.bind(1, position.rawValue)
        var counted = Position(try ends.step() ? ends.unsigned(0) : 0)
        let archivedEnd = min(try archived.through(), position)
        while counted < archivedEnd {
            var builder = PageBuilder()
            let left = Int(clamping: archivedEnd.rawValue - counted.rawValue)
            let next = try archived.add(from: counted.next, to: &builder, limit: min(left, ReadLimits.eventsMax))
            guard next > counted.next else { throw .hole(after: counted, found: .start) }
            counted = Position(next.rawValue - 1)
            for event in builder.finish() { counts[event.type, default: 0] += 1 }
        }
        let rest = try connection.prepare(
            "SELECT type, count(*) FROM events WHERE position > ? AND position <= ? GROUP BY type")
        rest.bind(1, counted.rawValue)
        rest.bind(2, position.rawValue)
        try add(rest, to: &counts)
        return counts
    }

    /// What the log holds of each kind of event, oldest segment first: a kind comes once for each segment that has it.
    func kinds() throws(SQLiteFailure) -> [KindCount] {
        let rows = try connection.prepare(
            """
            SELECT type, schema_version, count, first FROM segment_types
            UNION ALL
            SELECT type, schema_version, count(*), min(position) FROM events
            WHERE position > coalesce((SELECT max(last) FROM segments), 0) GROUP BY type, schema_version
            ORDER BY 4
            """)
        var kinds: [KindCount] = []
        while try rows.step() { kinds.append(rows.kindCount()) }
        return kinds
    }

    private func add(_ rows: Statement, to counts: inout [String: UInt64]) throws(SQLiteFailure) {
        while try rows.step() { counts[rows.text(0), default: 0] += rows.unsigned(1) }
    }
}

extension Statement {
    /// Of a row with type, schema version, count and first position.
    func kindCount() -> KindCount {
        KindCount(
            kind: EventKind(text(0), UInt32(truncatingIfNeeded: unsigned(1))), count: unsigned(2),
            first: Position(unsigned(3)))
    }
}
