import RoostCore
import RoostLog
import RoostLogSQLite
import RoostTesting
import Testing

@Suite("A log of an older format")
struct MigrationTests {
    /// What format 1 had instead: counts by type alone, and fewer rules.
    private static let asFormat1 = """
        DROP TABLE archives; DROP TRIGGER log_archived; DROP TRIGGER log_identity; DROP TRIGGER newest_event_kept; DROP TABLE segment_types;
        CREATE TABLE segment_types(
            segment INTEGER NOT NULL, type TEXT NOT NULL, count INTEGER NOT NULL,
            PRIMARY KEY (segment, type)) STRICT, WITHOUT ROWID;
        INSERT INTO segment_types SELECT first, type, count(*) FROM segments
            JOIN events ON position BETWEEN first AND last GROUP BY first, type;
        UPDATE log SET format = 1;
        """

    @Test("is brought to the newest one when a cluster starts, with its events and rules", .timeLimit(.minutes(2)))
    func migrates() async throws {
        let disk = try LogOnDisk()
        let writer = try await disk.claim()
        try await writer.fill(66_000)
        let kinds = try disk.reader.kinds()
        let head = try disk.reader.head()
        await writer.close()
        #expect(disk.sql(Self.asFormat1) == nil)
        let refused = #expect(throws: EventLogError.self) { try disk.reopened().reader(LogOnDisk.partition).head() }
        #expect(refused?.message.contains("'roost up'") == true, "\(String(describing: refused))")
        let log = try SQLiteLog.open(at: disk.path, placing: disk.log.identity.placement)
        let reader = try log.reader(LogOnDisk.partition)
        #expect(try reader.kinds() == kinds && kinds.count == 4)
        #expect(try reader.head() == head)
        #expect(try reader.verify { _ in } == [])
        #expect(disk.sql("UPDATE log SET format = 4")?.contains("keeps its identity") == true)
        #expect(disk.sql("UPDATE segment_types SET count = 1")?.contains("never changed") == true)
    }
}
