import Foundation
import RoostCore
import RoostLog
import RoostLogSQLite
import RoostTesting
import Testing

@Suite("A log whose files are not as they should be")
struct DamageTests {
    private func filled(_ count: Int = 600) async throws -> LogOnDisk {
        let disk = try LogOnDisk()
        let writer = try await disk.claim()
        try await writer.fill(count, streams: 10)
        await writer.close()
        return disk
    }

    private func failure(_ body: () async throws -> Void) async throws -> EventLogError {
        try await #require(throws: EventLogError.self) { try await body() }
    }

    @Test("A truncated partition file is refused with the file and the next step", arguments: [0, 16_384, 60_000])
    func truncated(_ bytes: Int) async throws {
        let disk = try await filled()
        #expect(truncate(disk.partitionPath, bytes) == 0)
        let error = try await failure { _ = try await disk.claim(2) }
        #expect(error.code == .corrupt)
        #expect(error.message.contains(disk.partitionPath))
        #expect(error.message.contains("roost log verify"))
        let other = try await disk.log.claim(PartitionID(0), .sample())
        try await other.confirmEpoch()
        await other.close()
    }

    @Test("One flipped bit in a payload is found by verify, with its position")
    func flippedBit() async throws {
        let disk = try LogOnDisk()
        let writer = try await disk.claim()
        try await writer.fill(100)
        _ = try await writer.append(
            [.sample(to: "stock/x", command: "x", payload: #"{"needle":"1"}"#)], at: Timestamp(seconds: 1))
        await writer.close()
        var data = try Data(contentsOf: URL(fileURLWithPath: disk.partitionPath))
        let found = try #require(data.range(of: Data("needle".utf8)))
        data[found.lowerBound] ^= 1
        try data.write(to: URL(fileURLWithPath: disk.partitionPath))
        let findings = try disk.reopened().reader(LogOnDisk.partition).verify { _ in }
        #expect(findings.map(\.position) == [Position(101)])
        #expect(findings.first?.problem.contains("digest") == true)
    }

    @Test("A damaged segment, head or mark is found by verify", .timeLimit(.minutes(2)))
    func damagedTables() async throws {
        let whole = try LogOnDisk()
        let writer = try await whole.claim()
        try await writer.fill(100, streams: 100, prefix: "early")
        try await writer.fill(66_600, streams: 10)
        await writer.close()
        #expect(try whole.reader.verify { _ in } == [])
        for damage in [
            "UPDATE heads SET version = version + 1 WHERE stream = 'stock/3'",
            "UPDATE heads SET position = position - 10 WHERE stream = 'stock/80'",
            "DELETE FROM heads WHERE stream = 'stock/80'",
            "UPDATE marks SET position = 1 WHERE version = 256", "DELETE FROM marks WHERE version = 1280",
            "DROP TRIGGER segment_types_unchanged; UPDATE segment_types SET count = count + 1",
        ] {
            let copy = try LogOnDisk(copying: whole)
            #expect(copy.sql(damage) == nil)
            #expect(try !copy.reader.verify { _ in }.isEmpty, "\(damage)")
        }
    }

    @Test("The file of another log is refused, by readers and by claims")
    func otherLog() async throws {
        let disk = try await filled()
        let otherPath = LogOnDisk.newPath()
        defer { _ = try? FileManager.default.removeItem(atPath: otherPath) }
        _ = try SQLiteLog.create(at: otherPath, identity: .sample(2))
        for suffix in ["", "-wal", "-shm"] { unlink(disk.partitionPath + suffix) }
        try FileManager.default.copyItem(
            atPath: "\(otherPath)/partition-00000002.db", toPath: disk.partitionPath)
        let log = try disk.reopened()
        let claim = try await failure { _ = try await log.claim(LogOnDisk.partition, .sample()) }
        let read = try await failure { _ = try log.reader(LogOnDisk.partition).head() }
        #expect([claim.code, read.code] == [.mismatch, .mismatch])
    }

    @Test("A missing partition file is an error and is not made again")
    func missingFile() async throws {
        let disk = try await filled()
        for suffix in ["", "-wal", "-shm"] { unlink(disk.partitionPath + suffix) }
        #expect(try await failure { _ = try disk.reopened() }.code == .missing)
        #expect(try await failure { _ = try await disk.claim(2) }.code == .missing)
        #expect(try await failure { _ = try disk.reader.head() }.code == .missing)
        #expect(!FileManager.default.fileExists(atPath: disk.partitionPath))
    }

    @Test("No log is made over something that is there, and none is opened where there is none")
    func placesOfLogs() async throws {
        let disk = try await filled()
        #expect(try await failure { _ = try SQLiteLog.create(at: disk.path, identity: .sample(3)) }.code == .invalid)
        #expect(try await failure { _ = try SQLiteLog.open(at: "/nonexistent/log") }.code == .missing)
        #expect(try disk.reopened().identity == .sample())
    }

    @Test("A suspect file is recovered by the next claim, with what only the write-ahead log holds")
    func suspect() async throws {
        let disk = try LogOnDisk()
        let before = try disk.reader
        #expect(try before.head().position == .start)
        let old = try await disk.claim()
        try await old.fill(700, streams: 10)
        #expect(FileManager.default.createFile(atPath: disk.partitionPath + ".suspect", contents: nil))
        let writer = try await disk.reopened().claim(LogOnDisk.partition, .sample(2))
        #expect(writer.epoch == Epoch(2))
        #expect(writer.head == Position(700))
        #expect(!FileManager.default.fileExists(atPath: disk.partitionPath + ".suspect"))
        try await writer.fill(50, streams: 10, prefix: "new")
        #expect(try before.head().position == Position(750), "a reader that was open before")
        #expect(try before.verify { _ in } == [])
        let error = try await failure { try await old.fill(1) }
        #expect(error.code == .fenced, "the owner of the file that was replaced")
        await old.close()
        await writer.close()
    }
}
