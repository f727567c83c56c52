import RoostCore

/// What one projection has set aside: rows of its database, and what of them is needed at every event. Rows and counts move in
/// the projection's own transactions; a value, so that it goes back together with them.
struct ParkedSet {
    static let tables =
        [
            """
            CREATE TABLE IF NOT EXISTS roost_condemned(
                partition INTEGER NOT NULL, position INTEGER NOT NULL, deaths INTEGER NOT NULL,
                PRIMARY KEY(partition, position)) WITHOUT ROWID
            """
        ]
        + ["roost_parked", "roost_discarded"].flatMap { table in
            [
                """
                CREATE TABLE IF NOT EXISTS \(table)(
                    partition INTEGER NOT NULL, position INTEGER NOT NULL, stream TEXT NOT NULL, type TEXT NOT NULL,
                    kind TEXT NOT NULL, reason TEXT NOT NULL, at INTEGER NOT NULL, attempts INTEGER NOT NULL,
                    PRIMARY KEY(partition, position)) WITHOUT ROWID
                """, "CREATE INDEX IF NOT EXISTS \(table)_by_stream ON \(table)(stream, position)",
            ]
        }

    /// Streams with parked events: what comes later in them is parked, too.
    private(set) var streams: Set<StreamName>
    /// Events that must not be applied, because processes die at them, and how often they did.
    private(set) var condemned: [EventPlace: UInt64] = [:]
    /// The next event of a partition that was discarded before it was reached: where a projection is made again.
    private(set) var nextDiscard: [PartitionID: Position] = [:]

    /// `progress` is where the projection stands.
    init(_ tables: Tables, _ progress: [PartitionID: Progress]) throws {
        for statement in Self.tables { try tables.run(statement) }
        streams = Set(
            try tables.rows("SELECT DISTINCT stream FROM roost_parked").map { try StreamName($0[0].text ?? "") })
        for row in try tables.rows("SELECT partition, position, deaths FROM roost_condemned") {
            let numbers = row.map { UInt64($0.integer ?? 0) }
            let place = EventPlace(partition: PartitionID(UInt32(numbers[0])), position: Position(numbers[1]))
            condemned[place] = numbers[2]
        }
        for row in try tables.rows("SELECT DISTINCT partition FROM roost_discarded") {
            let partition = PartitionID(UInt32(row[0].integer ?? 0))
            try lookForDiscard(in: partition, after: progress[partition]?.position ?? .start, tables)
        }
    }

    /// Nothing is set aside: events need no look at it.
    var isEmpty: Bool { streams.isEmpty && condemned.isEmpty && nextDiscard.isEmpty }

    /// For this life only.
    mutating func condemn(_ place: EventPlace, after deaths: UInt64) { condemned[place] = deaths }

    /// For every life until the event is parked, however many end before it is reached: outside of any transaction.
    mutating func condemn(_ place: EventPlace, after deaths: UInt64, _ tables: Tables) throws {
        try tables.run(
            "INSERT OR REPLACE INTO roost_condemned VALUES(?,?,?)", .integer(Int64(place.partition.rawValue)),
            .integer(Int64(place.position.rawValue)), .integer(Int64(deaths)))
        condemn(place, after: deaths)
    }

    mutating func park(_ event: ParkedEvent, atMost streamsMax: Int, in name: String, _ tables: Tables) throws {
        if condemned.removeValue(forKey: event.place) != nil {
            try tables.run(
                "DELETE FROM roost_condemned WHERE partition = ? AND position = ?",
                .integer(Int64(event.partition.rawValue)), .integer(Int64(event.position.rawValue)))
        }
        if !streams.contains(event.stream), streams.insert(event.stream).inserted, streams.count > streamsMax {
            throw ReaderFailure(
                "\(name) cannot apply \(event.type) at position \(event.position) of partition \(event.partition): "
                    + "\(event.reason); \(streamsMax) streams are parked, which is the most that the topology allows "
                    + "(parking.streams of \(name)); nothing was skipped: mend the code, or see roost parked ls, then "
                    + "roost start \(name)", correlationID: event.correlationID)
        }
        try Self.insert(event, into: "roost_parked", tables)
    }

    private static func insert(_ event: ParkedEvent, into table: String, _ tables: Tables) throws {
        try tables.run(
            "INSERT OR IGNORE INTO \(table)(\(ParkedEvent.columns)) VALUES(?,?,?,?,?,?,?,?)",
            .integer(Int64(event.partition.rawValue)), .integer(Int64(event.position.rawValue)),
            .text(event.stream.description), .text(event.type), .text(event.kind.rawValue), .text(event.reason),
            .integer(event.at.nanoseconds), .integer(Int64(event.attempts)))
    }

    /// Notes that an event that was not reached yet is discarded. Look for the next one afterwards.
    mutating func discardAhead(_ event: ParkedEvent, _ tables: Tables) throws {
        try Self.insert(event, into: "roost_discarded", tables)
        nextDiscard[event.partition] = event.position
    }

    /// Discards one parked event; false when it is not parked.
    mutating func discard(_ event: ParkedEvent, _ tables: Tables) throws -> Bool {
        let place: [SQLValue] = [
            .integer(Int64(event.partition.rawValue)), .integer(Int64(event.position.rawValue)),
        ]
        let sql = "FROM roost_parked WHERE partition = ? AND position = ?"
        guard try tables.row("SELECT 1 \(sql)", place[0], place[1]) != nil else { return false }
        try Self.insert(event, into: "roost_discarded", tables)
        try tables.run("DELETE \(sql)", place[0], place[1])
        if try positions(of: event.stream, after: .start, limit: 1, tables).isEmpty { streams.remove(event.stream) }
        return true
    }

    /// The positions of a stream's parked events, in order.
    func positions(of stream: StreamName, after position: Position, limit: Int, _ tables: Tables) throws -> [EventPlace]
    {
        let rows = try tables.rows(
            "SELECT partition, position FROM roost_parked WHERE stream = ? AND position > ? ORDER BY position LIMIT ?",
            .text(stream.description), .integer(Int64(position.rawValue)), .integer(Int64(limit)))
        return rows.map {
            EventPlace(
                partition: PartitionID(UInt32($0[0].integer ?? 0)), position: Position(UInt64($0[1].integer ?? 0)))
        }
    }

    /// Takes a stream's events out up to a position; the stream is live again when none is left.
    mutating func release(_ stream: StreamName, through position: Position, _ tables: Tables) throws {
        try tables.run(
            "DELETE FROM roost_parked WHERE stream = ? AND position <= ?", .text(stream.description),
            .integer(Int64(position.rawValue)))
        if try positions(of: stream, after: .start, limit: 1, tables).isEmpty { streams.remove(stream) }
    }

    /// Moves a stream's events up to a position to the discarded ones.
    mutating func discard(_ stream: StreamName, through position: Position, _ tables: Tables) throws {
        try tables.run(
            """
            INSERT OR REPLACE INTO roost_discarded(\(ParkedEvent.columns)) SELECT \(ParkedEvent.columns)
            FROM roost_parked WHERE stream = ? AND position <= ?
            """, .text(stream.description), .integer(Int64(position.rawValue)))
        try release(stream, through: position, tables)
    }

    /// Notes that an event was tried once more in vain.
    func fail(_ place: EventPlace, _ kind: ParkedEvent.Kind, _ reason: String, _ tables: Tables) throws {
        try tables.run(
            """
            UPDATE roost_parked SET attempts = attempts + 1, kind = ?, reason = ?
            WHERE partition = ? AND position = ?
            """, .text(kind.rawValue), .text(reason), .integer(Int64(place.partition.rawValue)),
            .integer(Int64(place.position.rawValue)))
    }

    /// Finds the first event after a position that was discarded beforehand.
    mutating func lookForDiscard(in partition: PartitionID, after position: Position, _ tables: Tables) throws {
        let row = try tables.row(
            "SELECT min(position) FROM roost_discarded WHERE partition = ? AND position > ?",
            .integer(Int64(partition.rawValue)), .integer(Int64(position.rawValue)))
        nextDiscard[partition] = row?[0].integer.map { Position(UInt64($0)) }
    }
}
