import RoostCore
import RoostLog
import RoostLogSQLite
import RoostTesting
import Testing

@Suite("A partition that is longer than a segment")
struct SegmentTests {
    private static let count = 70_000

    /// 70,000 events: one written segment and a tail; `streams` streams take turns.
    private func filled(streams: Int) async throws -> (LogOnDisk, any PartitionWriter) {
        let disk = try LogOnDisk()
        let writer = try await disk.claim()
        try await writer.fill(Self.count, streams: streams)
        return (disk, writer)
    }

    @Test("writes its segments and heads, verifies clean, and goes on after a restart", .timeLimit(.minutes(2)))
    func boundaries() async throws {
        let (disk, first) = try await filled(streams: 1000)
        #expect(disk.sql("SELECT 1 / (count(*) = 1 AND max(last) = 65536) FROM segments") == nil)
        #expect(try disk.reader.verify { _ in } == [])
        await first.close()
        let second = try await disk.reopened().claim(LogOnDisk.partition, .sample(2))
        #expect(second.head == Position(UInt64(Self.count)))
        let stream = Proposal.sample(to: "stock/7", command: "x").context.stream
        #expect(try disk.reader.version(of: stream) == StreamVersion(70))
        let outcome = try await second.append(
            [.sample(to: "stock/7", command: "x", expecting: .exactly(StreamVersion(70)))],
            at: Timestamp(seconds: 1_700_000_001))
        #expect(outcome == [.committed(version: StreamVersion(71), position: Position(UInt64(Self.count) + 1))])
        try await second.fill(Self.count, streams: 70_000, prefix: "d")
        #expect(try disk.reader.verify { _ in } == [])
        #expect(disk.sql("SELECT 1 / (heads_through > 65536) FROM log") == nil)
        #expect(try disk.reader.version(of: stream) == StreamVersion(72), "a reader that was left far behind")
        let command = Proposal.sample(to: "stock/7", command: "d7").context
        #expect(try disk.reader.receipt(of: command.commandID, in: stream)?.position == Position(70_009))
        await second.close()
    }

    @Test("answers a command repeated a segment later as the first time", .timeLimit(.minutes(2)))
    func repeatedCommand() async throws {
        let (disk, writer) = try await filled(streams: 1000)
        let reader = try disk.reader
        for number in [0, 5, 65_535, 65_536, 69_999] {
            let original = Proposal.sample(
                to: "stock/\(number % 1000)", command: "c\(number)", correlation: UInt64(number / 2))
            let receipt = Receipt(
                events: 1, version: StreamVersion(UInt64(number / 1000 + 1)), position: Position(UInt64(number + 1)),
                fingerprint: original.context.fingerprint, correlationID: original.context.correlationID)
            let changed = Proposal.sample(to: "stock/\(number % 1000)", command: "c\(number)", fingerprint: 1)
            let outcomes = try await writer.append([original, changed], at: Timestamp(seconds: 1_700_000_000))
            #expect(outcomes == [.duplicate(receipt), .commandIDReused], "command \(number)")
            #expect(try reader.receipt(of: original.context.commandID, in: original.context.stream) == receipt)
        }
        await writer.close()
    }

    @Test("finds chains, events, counts and versions on both sides of the boundary", .timeLimit(.minutes(2)))
    func lookups() async throws {
        let (disk, writer) = try await filled(streams: 100)
        let reader = try disk.reader
        for number in [0, 65_534, 65_536, 69_998] as [UInt64] {
            let sample = Proposal.sample(to: "stock/\(number % 100)", command: "c\(number)", correlation: number / 2)
            let chain = try reader.events(correlation: sample.context.correlationID)
            #expect(chain.map(\.position.rawValue) == [number + 1, number + 2])
            #expect(try reader.event(sample.events[0].eventID)?.position == Position(number + 1))
        }
        for position in [1, 65_535, 65_536, 65_537, 70_000] as [UInt64] {
            let third = (position + 2) / 3
            let expected = ["Third": third, "Other": position - third].filter { $0.value > 0 }
            #expect(try reader.counts(through: Position(position)) == expected)
        }
        let kinds = try reader.kinds()
        #expect(kinds.map(\.kind.type) == ["Third", "Other", "Other", "Third"])
        #expect(kinds.map(\.count) == [21_846, 43_690, 2976, 1488])
        #expect(kinds.map(\.first.rawValue) == [1, 2, 65_537, 65_539])
        let stream = Proposal.sample(to: "stock/42", command: "x").context.stream
        for (from, limit) in [(1, 10), (250, 300), (690, 100)] as [(UInt64, Int)] {
            let versions = try reader.events(of: stream, from: StreamVersion(from), limit: limit).map(
                \.version.rawValue)
            #expect(versions == Array((from...700).prefix(limit)))
        }
        await writer.close()
    }

    @Test(
        "passes by segments without a type, and misses none of it on either side of a boundary", .timeLimit(.minutes(2))
    )
    func types() async throws {
        let disk = try LogOnDisk()
        let writer = try await disk.claim()
        // Segments end at 65,536, 131,072 and 196,608: rare ones stand at 11, 12, 131,073, 131,074 and in the tail at 200,005.
        try await writer.fill(10, streams: 10, prefix: "a")
        let time = Timestamp(seconds: 1_700_000_000)
        func rare(_ number: Int) -> Proposal { .sample(to: "stock/rare", command: "rare\(number)", type: "Rare") }
        _ = try await writer.append([rare(1), rare(2)], at: time)
        try await writer.fill(131_072 - 12, streams: 1000, prefix: "b")
        _ = try await writer.append([rare(3), rare(4)], at: time)
        try await writer.fill(200_004 - 131_074, streams: 1000, prefix: "c")
        _ = try await writer.append([rare(5)], at: time)
        await writer.close()
        let reader = try disk.reader
        let head = try reader.head().position
        for limit in [1, 2, 10_000] {
            var (found, reached, calls): ([UInt64], Position, Int) = ([], .start, 0)
            while reached < head {
                let stretch = try reader.events(ofTypes: ["Rare"], after: reached, through: head, limit: limit)
                #expect(stretch.through > reached)
                found += stretch.events.map(\.position.rawValue)
                (reached, calls) = (stretch.through, calls + 1)
            }
            #expect(found == [11, 12, 131_073, 131_074, 200_005])
            if limit > 2 { #expect(calls == 3, "the first segment, the third at once, and the tail") }
        }
        // The second segment has none of them: that its rows are gone is not noticed, because they are not looked at.
        #expect(disk.sql("DROP TRIGGER events_kept; DELETE FROM events WHERE position BETWEEN 70000 AND 130000") == nil)
        let stretch = try disk.reopened().reader(LogOnDisk.partition).events(
            ofTypes: ["Rare"], after: Position(65_536), through: Position(131_073), limit: 10)
        #expect(stretch.events.map(\.position.rawValue) == [131_073] && stretch.through == Position(131_073))
    }

    @Test("keeps its segments, and verify finds one that is gone", .timeLimit(.minutes(2)))
    func missingSegment() async throws {
        let (disk, writer) = try await filled(streams: 1000)
        await writer.close()
        for table in ["segments", "segment_types"] {
            #expect(disk.sql("DELETE FROM \(table)")?.contains("never deleted") == true)
            #expect(disk.sql("DROP TRIGGER \(table)_kept; DELETE FROM \(table)") == nil)
        }
        let findings = try disk.reopened().reader(LogOnDisk.partition).verify { _ in }
        #expect(findings.contains { $0.problem.contains("the segment from 1 on is missing") }, "\(findings)")
    }

    @Test("knows a command a million events later, before and after a restart", .timeLimit(.minutes(10)))
    func millionEvents() async throws {
        let disk = try LogOnDisk()
        let writer = try await disk.claim()
        let original = Proposal.sample(to: "stock/kept", command: "first")
        let changed = Proposal.sample(to: "stock/kept", command: "first", fingerprint: 1)
        let time = Timestamp(seconds: 1_700_000_000)
        #expect(
            try await writer.append([original], at: time) == [
                .committed(version: StreamVersion(1), position: Position(1))
            ])
        try await writer.fillCompared(1_000_000, streams: 1000)
        let receipt = Receipt(
            events: 1, version: StreamVersion(1), position: Position(1), fingerprint: original.context.fingerprint,
            correlationID: original.context.correlationID)
        #expect(try await writer.append([original, changed], at: time) == [.duplicate(receipt), .commandIDReused])
        await writer.close()
        let restarted = try await disk.reopened().claim(LogOnDisk.partition, .sample(2))
        #expect(try await restarted.append([original, changed], at: time) == [.duplicate(receipt), .commandIDReused])
        #expect(restarted.head == Position(1_000_001))
        await restarted.close()
    }
}
