import RoostCore
import RoostLog
import RoostTesting
import Synchronization
import Testing

@testable import RoostNode

@Suite("What a rebuild reads", .timeLimit(.minutes(1)))
struct RebuildBatchesTests {
    @Test("Leads through each partition to its end, a transaction at a time, and past those that are done")
    func leads() async throws {
        try await Self.withLog { source in
            let ways = Self.ways([0: 5, 1: 0, 2: 3])
            let batches = RebuildBatches(source: source, ways: ways, eventsMax: 2)
            var (place, read): (RebuildBatches.Place, [[UInt64]]) = (RebuildBatches.Place(), [])
            while let batch = try await batches.batch(at: place) {
                read.append(
                    [UInt64(batch.partition.rawValue)] + batch.stretches.flatMap { $0.events.map(\.position.rawValue) })
                place = batch.next
            }
            #expect(read == [[0, 1, 2], [0, 3, 4], [0, 5], [2, 1, 2], [2, 3]])
        }
    }

    @Test("A log that ends before it should ends the rebuild, and says where")
    func truncated() async throws {
        try await Self.withLog { source in
            let batches = RebuildBatches(source: source, ways: Self.ways([2: 4]), eventsMax: 10)
            let failure = await #expect(throws: ReaderFailure.self) {
                _ = try await batches.batch(at: RebuildBatches.Place())
            }
            #expect(failure?.description == "the log ends at position 3 of partition 2, expected 4")
        }
    }

    /// Says which partition is read, and waits at the second one until the first is applied.
    private final class WatchedSource: PageSource {
        let source: LogPageSource
        let asked = Mutex<[UInt32]>([])

        init(_ source: LogPageSource) { self.source = source }

        func events(
            of partition: PartitionID, types: Set<String>?, after position: Position, through end: Position, limit: Int
        ) async throws -> EventStretch {
            asked.withLock { $0.append(partition.rawValue) }
            return try await source.events(of: partition, types: types, after: position, through: end, limit: limit)
        }
    }

    @Test("The first batch of the next partition is asked for before the last one of this is applied")
    func ahead() async throws {
        try await Jars.with { jars in
            for partition in [PartitionID(0), PartitionID(2)] { try await Self.fill(jars.log, partition, 1) }
            let readers = try jars.readers()
            let live = try jars.store(Jars.Mended.self)
            for reader in readers {
                try live.transaction { try live.apply(reader.events(after: .start, limit: 10), of: reader.partition) }
            }
            try live.close()
            let source = WatchedSource(LogPageSource(readers))
            var options = Rebuilder.Options()
            let atPace = Mutex<[[UInt32]]>([])
            options.pace = { _ in
                // The reading that was begun has come to its source by then, or will: nothing waits for this.
                while source.asked.withLock({ $0.count }) < 2 { await Task.yield() }
                atPace.withLock { $0.append(source.asked.withLock { $0 }) }
            }
            let result = try await Rebuilder(
                Jars.Mended.self, files: jars.files, log: jars.log.identity, readers: readers, source: source,
                codec: .json, options: options
            ).run { _, _ in }
            #expect(result.isEqual && atPace.withLock { $0.first } == [0, 2])
        }
    }

    private static func ways(_ ends: [UInt32: UInt64]) -> [RebuildBatches.Way] {
        ends.sorted { $0.key < $1.key }.map {
            RebuildBatches.Way(partition: PartitionID($0.key), types: nil, start: .start, end: Position($0.value))
        }
    }

    private static func fill(_ log: MemoryLog, _ partition: PartitionID, _ count: Int) async throws {
        let writer = try await log.claim(partition, .sample())
        for number in 0..<count {
            let proposal = Proposal.sample(
                to: "stock/p\(partition)", command: "\(partition)-\(number)", type: "JarFilled",
                payload: #"{"grams":1}"#)
            _ = try await writer.append([proposal], at: Timestamp(seconds: 1))
        }
        await writer.close()
    }

    /// Five events, none, and three.
    private static func withLog(_ body: (LogPageSource) async throws -> Void) async throws {
        try await Jars.with { jars in
            try await fill(jars.log, PartitionID(0), 5)
            try await fill(jars.log, PartitionID(2), 3)
            try await body(LogPageSource(try jars.readers()))
        }
    }

    @Test("What its process is told comes there as it was meant, and nothing else does")
    func wishes() throws {
        var wishes = RebuildWishes()
        #expect(try RebuildWishes(arguments: wishes.arguments) == wishes)
        (wishes.rate, wishes.base) = (7, 9)
        (wishes.proves, wishes.keeps, wishes.swaps, wishes.isFresh) = (true, true, true, true)
        #expect(try RebuildWishes(arguments: wishes.arguments) == wishes)
        for argument in ["rate=0", "rate=x", "base", "base=", "keep=1", "", "prov"] {
            #expect(throws: ReaderFailure.self) { try RebuildWishes(arguments: [argument]) }
        }
    }
}
