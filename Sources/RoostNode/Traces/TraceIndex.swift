package import RoostCore
import RoostTrace

/// Where the events of every chain are: the projection `traces`, complete and never sampled, that every application has.
///
/// It holds identities, places and times alone, no payload and no name of a stream, so nothing personal is in it. Whoever
/// reads a chain by it reads the events themselves from the log.
package enum TraceIndex: WholeLogProjection {
    package static let name = "traces"

    package static let tables: [TableDefinition] = [
        TableDefinition(
            "events", key: ["correlation", "partition", "position"],
            sql: """
                CREATE TABLE events(
                    correlation BLOB NOT NULL, partition INTEGER NOT NULL, position INTEGER NOT NULL,
                    event BLOB NOT NULL, cause BLOB, type TEXT NOT NULL, recorded INTEGER NOT NULL,
                    PRIMARY KEY(correlation, partition, position)) WITHOUT ROWID;
                CREATE INDEX eventsByID ON events(event);
                CREATE INDEX eventsByCause ON events(cause) WHERE cause IS NOT NULL
                """),
        // What else a chain is found by: the IDs of its commands, and the trace IDs of whoever asked for it.
        TableDefinition(
            "names", key: ["name", "correlation"],
            sql: """
                CREATE TABLE names(name TEXT NOT NULL, correlation BLOB NOT NULL,
                    PRIMARY KEY(name, correlation)) WITHOUT ROWID
                """),
        // `root` is the type of the first event without a cause, `rootOrder` what makes it the first.
        TableDefinition(
            "chains", key: ["correlation"],
            sql: """
                CREATE TABLE chains(
                    correlation BLOB PRIMARY KEY, root TEXT, rootOrder BLOB, events INTEGER NOT NULL,
                    first INTEGER NOT NULL, last INTEGER NOT NULL) WITHOUT ROWID;
                CREATE INDEX chainsByTime ON chains(last)
                """),
    ]

    package static let queries: [ProjectionQuery] = [
        ProjectionQuery(
            "newest", help: "The chains that something happened in last.",
            parameters: [.init("limit", standard: 20)],
            sql: "SELECT \(columns) FROM chains ORDER BY last DESC, correlation LIMIT :limit"),
        ProjectionQuery(
            "slowest", help: "The chains that took longest.", parameters: [.init("limit", standard: 20)],
            sql: "SELECT \(columns) FROM chains ORDER BY last - first DESC, correlation LIMIT :limit"),
        ProjectionQuery(
            "kinds", help: "How many chains begin with each type of event, and how many events they have.",
            sql: """
                SELECT coalesce(root, '(no first event)') AS root, count(*) AS chains, sum(events) AS events,
                    round(avg(last - first) / 1e6, 3) AS meanMilliseconds,
                    round(max(last - first) / 1e6, 3) AS longestMilliseconds
                FROM chains GROUP BY 1 ORDER BY 2 DESC, 1
                """),
    ]

    private static let columns = """
        lower(substr(hex(correlation), 1, 8) || '-' || substr(hex(correlation), 9, 4) || '-' ||
            substr(hex(correlation), 13, 4) || '-' || substr(hex(correlation), 17, 4) || '-' ||
            substr(hex(correlation), 21)) AS correlation, root, events, round((last - first) / 1e6, 3) AS milliseconds,
            strftime('%Y-%m-%dT%H:%M:%SZ', first / 1000000000, 'unixepoch') AS began
        """

    /// The same rows in whatever order partitions are read: sums, least and greatest values.
    package static func take(_ event: RecordedEvent, in partition: PartitionID, _ tables: Tables) throws {
        let type = event.type
        let cause = event.causationID
        let correlation = SQLValue(id: event.correlationID)
        let recorded = SQLValue.integer(event.recorded.nanoseconds)
        try tables.run(
            "INSERT INTO events(correlation, partition, position, event, cause, type, recorded) VALUES(?,?,?,?,?,?,?)",
            correlation, .integer(Int64(partition.rawValue)), .integer(Int64(event.position.rawValue)),
            SQLValue(id: event.eventID), cause.map { SQLValue(id: $0) } ?? .null, .text(type), recorded)
        try name(event.commandID.description, correlation, tables)
        if cause == nil, let parent = event.traceparent.flatMap({ TraceParent($0) }) {
            try name(parent.traceID, correlation, tables)
        }
        try tables.run(
            """
            INSERT INTO chains(correlation, root, rootOrder, events, first, last) VALUES(?,?,?,1,?,?)
            ON CONFLICT(correlation) DO UPDATE SET
                root = CASE WHEN \(isEarlier) THEN excluded.root ELSE root END,
                rootOrder = CASE WHEN \(isEarlier) THEN excluded.rootOrder ELSE rootOrder END,
                events = events + 1, first = min(first, excluded.first), last = max(last, excluded.last)
            """, correlation, cause == nil ? .text(type) : .null, cause == nil ? rootOrder(event) : .null, recorded,
            recorded)
    }

    private static let isEarlier =
        "excluded.rootOrder IS NOT NULL AND (rootOrder IS NULL OR excluded.rootOrder < rootOrder)"

    /// By recorded time, then by event ID.
    private static func rootOrder(_ event: RecordedEvent) -> SQLValue {
        let time = UInt64(bitPattern: event.recorded.nanoseconds) ^ (1 << 63)
        return .blob(withUnsafeBytes(of: time.bigEndian) { Array($0) } + (SQLValue(id: event.eventID).bytes ?? []))
    }

    private static func name(_ name: String, _ correlation: SQLValue, _ tables: Tables) throws {
        try tables.run("INSERT OR IGNORE INTO names(name, correlation) VALUES(?,?)", .text(name), correlation)
    }
}
