import RoostCore
import RoostLog
import RoostTesting
import Testing

@testable import RoostLogSQLite

@Suite("A partition file is append-only, whoever writes to it")
struct AppendOnlyTests {
    private static let columns = """
        stream, version, previous, epoch, type, schema_version, event_id, correlation, command, fingerprint, depth, \
        flags, recorded, occurred, payload
        """

    /// What no connection may do, and the reason it is given.
    static let changes = [
        ("UPDATE events SET payload = x'00' WHERE position = 3", "never changed"),
        ("DELETE FROM events WHERE position = 10", "archived"),
        ("DELETE FROM events WHERE position = 1", "archived"),
        ("UPDATE commits SET digest = x'00'", "never changed"),
        ("DELETE FROM commits", "never deleted"),
        ("INSERT INTO commits VALUES (20, 15, 1, 0, x'00')", "follows the newest"),
        ("UPDATE claims SET process = 'other'", "never changed"),
        ("DELETE FROM claims", "never deleted"),
        ("INSERT INTO claims VALUES (9, 'p', x'00', '', '', 0)", "next epoch"),
        ("UPDATE log SET partition = 1", "keeps its identity"),
        ("REPLACE INTO log VALUES (1, 1, x'00', 2, 10, 0)", "keeps its identity"),
        ("INSERT INTO segment_types VALUES (1, 'Other', 1, 1, 5)", "never changed"),
        ("DELETE FROM log", "keeps its identity"),
    ]

    /// What would put an event anywhere but after the newest one.
    static let disorder = [
        "REPLACE INTO events SELECT * FROM events WHERE position = 10",
        "INSERT OR IGNORE INTO events SELECT * FROM events WHERE position = 4",
        "INSERT INTO events(position, \(columns)) SELECT 12, \(columns) FROM events WHERE position = 10",
    ]

    private func filled() async throws -> LogOnDisk {
        let disk = try LogOnDisk()
        let writer = try await disk.claim()
        try await writer.fill(10, streams: 3)
        await writer.close()
        return disk
    }

    @Test(
        "Statements that would change what is stored are refused",
        arguments: changes + disorder.map { ($0, "after the newest") })
    func refused(_ statement: String, _ reason: String) async throws {
        let disk = try await filled()
        let message = try #require(disk.sql(statement), "\(statement) was accepted")
        #expect(message.contains(reason))
        #expect(try disk.reader.verify { _ in } == [])
        #expect(try disk.reader.head().position == Position(10))
    }

    @Test(
        "The owner's own connection refuses them too",
        arguments: changes + [("REPLACE INTO events SELECT * FROM events WHERE position = 10", "archived")])
    func refusedToTheOwner(_ statement: String, _ reason: String) async throws {
        let disk = try LogOnDisk()
        let writer = try await disk.claim()
        try await writer.fill(10, streams: 3)
        let owner = try #require((writer as? SQLiteWriter)?.tools?.connection)
        let failure = #expect(throws: SQLiteFailure.self) { try owner.execute(statement) }
        #expect(failure?.message.contains(reason) == true)
        try await writer.fill(1, prefix: "next")
        #expect(try disk.reader.verify { _ in } == [])
        #expect(try disk.reader.head().position == Position(11))
        await writer.close()
    }

    @Test("What the owner appends goes after the newest event in the file, or the append is refused")
    func ownerAppendsInOrder() async throws {
        let disk = try LogOnDisk()
        let writer = try await disk.claim()
        try await writer.fill(10, streams: 3)
        let intruder = "INSERT INTO events(position, \(Self.columns)) SELECT 11, \(Self.columns) FROM events"
        #expect(disk.sql("\(intruder) WHERE position = 10") == nil)
        let error = await #expect(throws: EventLogError.self) { try await writer.fill(1, prefix: "late") }
        #expect(error?.code == .corrupt)
        #expect(error?.failure?.message == "position 11 expected, 12 found")
        await writer.close()
    }

    /// What takes over positions 1 to 4, which one commit holds, as archived.
    private static let archive = """
        INSERT INTO archives VALUES (1, 4, 0, 0, '/place', 'name', 1, 1, '');
        INSERT INTO segments VALUES (1, 6, 0, 0, x'00', x'00', x'', x'');
        UPDATE log SET heads_through = 6; UPDATE log SET archived_through = 4;
        """

    @Test("Events are deleted only up to archivedThrough, which only grows and is what archives hold")
    func archive() async throws {
        let disk = try LogOnDisk()
        let writer = try await disk.claim()
        try await writer.fill(4)
        try await writer.fill(6, prefix: "next")
        await writer.close()
        #expect(disk.sql("UPDATE log SET archived_through = 4")?.contains("what archives hold") == true)
        #expect(disk.sql("INSERT INTO archives VALUES (1, 5, 0, 0, '', '', 1, 1, '')")?.contains("a commit") == true)
        #expect(disk.sql(Self.archive) == nil)
        #expect(disk.sql("UPDATE log SET archived_through = 3")?.contains("only grows") == true)
        #expect(disk.sql("UPDATE archives SET place = 'other'")?.contains("never changed") == true)
        #expect(disk.sql("DELETE FROM archives")?.contains("never deleted") == true)
        #expect(disk.sql("REPLACE INTO archives SELECT * FROM archives")?.contains("follows the newest") == true)
        #expect(disk.sql("DELETE FROM events WHERE position <= 4") == nil)
        #expect(disk.sql("DELETE FROM events WHERE position = 5")?.contains("archived") == true)
    }

    @Test("The newest event stays whatever is archived, because new ones are numbered after it")
    func newestStays() async throws {
        let disk = try LogOnDisk()
        let writer = try await disk.claim()
        try await writer.fill(4)
        await writer.close()
        // The rules of the file do not let this happen otherwise.
        #expect(disk.sql("DROP TRIGGER log_archived; UPDATE log SET archived_through = 4") == nil)
        #expect(disk.sql("DELETE FROM events")?.contains("the newest event stays") == true)
        #expect(disk.sql("DELETE FROM events WHERE position < 4") == nil)
    }
}
