import Foundation
import RoostCore
import RoostLog
import RoostLogSQLite
import RoostTesting
import Testing

/// A file system of its own in memory. Only root may make one.
private final class SmallDisk {
    static let isAvailable = (try? SmallDisk(mebibytes: 1)) != nil
    let path: String

    init(mebibytes: Int) throws {
        path = LogOnDisk.newPath()
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try Self.run("mount", "-t", "tmpfs", "-o", "size=\(mebibytes)m", "tmpfs", path)
    }

    deinit {
        _ = try? Self.run("umount", "-l", path)
        _ = try? FileManager.default.removeItem(atPath: path)
    }

    func makeReadOnly() throws { try Self.run("mount", "-o", "remount,ro", path) }

    private static func run(_ command: String...) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw CocoaError(.fileWriteUnknown) }
    }
}

@Suite("A disk that cannot be written", .enabled(if: SmallDisk.isAvailable, "mounting needs root"))
struct DiskTests {
    @Test("A full disk refuses commits, loses nothing, and goes on once there is space", .timeLimit(.minutes(1)))
    func fullDisk() async throws {
        let small = try SmallDisk(mebibytes: 6)
        let ballast = "\(small.path)/ballast"
        try Data(count: 2 << 20).write(to: URL(fileURLWithPath: ballast))
        let disk = try LogOnDisk(at: "\(small.path)/log")
        let writer = try await disk.claim()
        let payload = String(repeating: "x", count: 20_000)
        var number = 0
        func next() async throws {
            let proposal = Proposal.sample(to: "stock/\(number % 5)", command: "\(number)", payload: payload)
            _ = try await writer.append([proposal], at: Timestamp(seconds: 1_700_000_000))
            number += 1
        }
        let error = await #expect(throws: EventLogError.self) { while number < 1000 { try await next() } }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("space") == true)
        #expect(writer.head == Position(UInt64(number)))
        try await writer.confirmEpoch()
        #expect(try disk.reader.head().position == writer.head)
        #expect(!FileManager.default.fileExists(atPath: disk.partitionPath + ".suspect"))
        try FileManager.default.removeItem(atPath: ballast)
        let stored = number
        for _ in 0..<5 { try await next() }
        #expect(writer.head == Position(UInt64(stored + 5)))
        await writer.close()
        #expect(try disk.reopened().reader(LogOnDisk.partition).verify { _ in } == [])
    }

    @Test("A log in a read-only directory can be read, and says why it cannot be claimed")
    func readOnlyDirectory() async throws {
        let small = try SmallDisk(mebibytes: 8)
        let disk = try LogOnDisk(at: "\(small.path)/log")
        let writer = try await disk.claim()
        try await writer.fill(10)
        await writer.close()
        try small.makeReadOnly()
        let log = try disk.reopened()
        #expect(try log.reader(LogOnDisk.partition).events(after: .start, limit: 100).count == 10)
        #expect(try log.reader(PartitionID(0)).head().position == .start)
        let error = await #expect(throws: EventLogError.self) {
            _ = try await log.claim(LogOnDisk.partition, .sample())
        }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("read-only") == true)
        let made = #expect(throws: EventLogError.self) {
            _ = try SQLiteLog.create(at: "\(small.path)/other", identity: .sample())
        }
        #expect(made?.message.contains("writable") == true)
    }
}
