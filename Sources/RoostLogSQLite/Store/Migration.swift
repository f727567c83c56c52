import RoostLog

/// Brings a partition file of an older format to the newest, in one transaction. Nobody else may have the log open.
///
/// Events, commits and claims stay as they are; only what is derived from them is made again, and the triggers are those of
/// today.
enum Migration {
    static func run(_ connection: Connection) throws(SQLiteFailure) {
        try connection.execute("BEGIN IMMEDIATE")
        do {
            try dropTriggers(connection)
            if try connection.number("SELECT format FROM log") == 1 { try connection.execute(kindsOfSegments) }
            try connection.execute(Schema.archives)
            try connection.execute("UPDATE log SET format = \(Schema.version); \(Schema.triggers)")
            try connection.execute("COMMIT")
        } catch {
            if !connection.isIdle { try connection.execute("ROLLBACK") }
            throw error
        }
    }

    private static func dropTriggers(_ connection: Connection) throws(SQLiteFailure) {
        let rows = try connection.prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        var names: [String] = []
        while try rows.step() { names.append(rows.text(0)) }
        rows.reset()
        for name in names { try connection.execute("DROP TRIGGER \(name)") }
    }

    /// Format 1 counted events by type alone.
    private static let kindsOfSegments = """
        DROP TABLE segment_types;
        \(Schema.segmentTypes)
        INSERT INTO segment_types
            SELECT segments.first, type, schema_version, min(position), count(*)
            FROM segments JOIN events ON position BETWEEN segments.first AND segments.last
            GROUP BY segments.first, type, schema_version;
        """
}
