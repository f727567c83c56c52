import RoostCore
import RoostLog

extension ReaderConnection {
    /// Events of some types after a position. Segments that hold none of them are passed by; in the next one that does, rows of other
    /// types are passed without being read whole. What is not indexed yet, or stands in archives, is read.
    func events(
        ofTypes types: Set<String>, after position: Position, through end: Position, limit: Int
    ) throws(SQLiteFailure) -> EventStretch {
        var reached = position
        while reached < end, let segment = try nextSegment(with: types, after: reached) {
            guard segment.passedThrough <= reached else {
                // Nothing of them before the segment.
                reached = min(segment.passedThrough, end)
                continue
            }
            guard try archived.through() <= reached else { break }
            var builder = PageBuilder()
            let found = try add(types, after: reached, through: min(segment.last, end), to: &builder, limit: limit)
            return EventStretch(events: builder.finish(), through: found)
        }
        guard reached == position else { return EventStretch(events: .empty, through: reached) }
        let page = try events(
            after: position, limit: min(ReadLimits.eventsMax, Int(clamping: end.rawValue - position.rawValue))
        ).0
        return EventStretch(page, after: position, ofTypes: types, limit: limit)
    }

    /// The next segment that ends after a position and has some of these types, and through where there is none of them before it;
    /// without one, the last segment there is. nil after the last segment.
    private func nextSegment(
        with types: Set<String>, after position: Position
    ) throws(SQLiteFailure) -> (passedThrough: Position, last: Position)? {
        let holding = try connection.prepare(
            """
            SELECT first, last FROM segments WHERE last > ?1 AND EXISTS (
                SELECT 1 FROM segment_types WHERE segment = segments.first AND type IN \(Self.marks(types, after: 1)))
            ORDER BY first LIMIT 1
            """)
        holding.bind(1, position.rawValue)
        Self.bind(types, to: holding, after: 1)
        if try holding.step() { return (Position(holding.unsigned(0) - 1), Position(holding.unsigned(1))) }
        let newest = try connection.prepare("SELECT last FROM segments WHERE last > ? ORDER BY first DESC LIMIT 1")
        newest.bind(1, position.rawValue)
        return try newest.step() ? (Position(newest.unsigned(0)), Position(newest.unsigned(0))) : nil
    }

    /// Returns through where all of them were added.
    private func add(
        _ types: Set<String>, after position: Position, through last: Position, to builder: inout PageBuilder,
        limit: Int
    ) throws(SQLiteFailure) -> Position {
        let rows = try connection.prepare(
            """
            SELECT \(Schema.eventColumns) FROM events
            WHERE position > ?1 AND position <= ?2 AND type IN \(Self.marks(types, after: 2)) ORDER BY position
            """)
        rows.bind(1, position.rawValue)
        rows.bind(2, last.rawValue)
        Self.bind(types, to: rows, after: 2)
        var reached = position
        while try rows.step() {
            guard builder.count < limit, !builder.isFull else { return reached }
            try builder.add(rows)
            reached = Position(rows.unsigned(0))
        }
        return last
    }

    /// As in `(?2,?3)`.
    private static func marks(_ types: Set<String>, after number: Int) -> String {
        "(" + types.indices.enumerated().map { "?\($0.offset + number + 1)" }.joined(separator: ",") + ")"
    }

    private static func bind(_ types: Set<String>, to statement: Statement, after number: Int32) {
        for (index, type) in types.sorted().enumerated() { statement.bind(Int32(index) + number + 1, type) }
    }
}
