import Foundation
import RoostCore
import RoostLog
import RoostLogSQLite
import RoostTesting
import Testing

@Suite("A process that dies")
struct CrashTests {
    @Test("Nothing acknowledged is lost when the owner is killed, at 20 seeded moments", .timeLimit(.minutes(3)))
    func killedOwner() async throws {
        let disk = try LogOnDisk()
        var random = SplitMix(state: 20_261_123)
        var acknowledged: [(command: String, position: UInt64)] = []
        for round in 1...20 {
            let probe = try ProbeProcess(path: disk.path, round: round)
            var lines = probe.lines(atLeast: Int(random.next() % 400))
            for _ in 0..<random.next() % 200_000 { _ = random.next() }
            lines += probe.kill()
            acknowledged += try lines.map { try acknowledgement($0) }
            try check(disk, acknowledged, round: round)
        }
        #expect(acknowledged.count > 1000)
        let writer = try await disk.claim()
        #expect(writer.epoch == Epoch(21))
        await writer.close()
    }

    @Test(
        "After a failed write the file is suspect; the next claim recovers everything acknowledged",
        .timeLimit(.minutes(1)))
    func failedWrite() async throws {
        let disk = try LogOnDisk()
        let probe = try ProbeProcess(path: disk.path, round: 1, fileBlocksMax: 700)
        let lines = probe.finish()
        #expect(Array(lines.suffix(2)) == ["error outcomeUnknown", "error outcomeUnknown"])
        #expect(FileManager.default.fileExists(atPath: disk.partitionPath + ".suspect"))
        let acknowledged = try lines.dropLast(2).map { try acknowledgement($0) }
        #expect(acknowledged.count > 10)
        let writer = try await disk.claim()
        try check(disk, acknowledged, round: 1)
        #expect(!FileManager.default.fileExists(atPath: disk.partitionPath + ".suspect"))
        _ = try await writer.append([.sample(to: "stock/1", command: "later")], at: Timestamp(seconds: 1))
        await writer.close()
        #expect(try disk.reader.verify { _ in } == [])
    }

    private func acknowledgement(_ line: String) throws -> (command: String, position: UInt64) {
        let parts = line.split(separator: " ")
        return (String(parts[0]), try #require(parts.count == 2 ? UInt64(parts[1]) : nil, "\(line)"))
    }

    private func check(
        _ disk: LogOnDisk, _ acknowledged: [(command: String, position: UInt64)], round: Int
    ) throws {
        let reader = try disk.reopened().reader(LogOnDisk.partition)
        #expect(try reader.verify { _ in } == [], "round \(round)")
        var stored: [String: UInt64] = [:]
        var page = try reader.events(after: .start, limit: 10_000)
        while let last = page.last?.position {
            for event in page { stored[event.commandID.description] = event.position.rawValue }
            page = try reader.events(after: last, limit: 10_000)
        }
        let lost = acknowledged.filter { stored[$0.command] != $0.position }
        #expect(lost.isEmpty, "round \(round): \(lost.prefix(3))")
    }
}

/// Numbers that look random and are the same in every run.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        return StableHash.finalized(state)
    }
}
