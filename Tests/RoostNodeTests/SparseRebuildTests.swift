import RoostCore
import RoostLog
import RoostTesting
import Synchronization
import Testing

@testable import RoostNode

@Suite("A rebuild of a projection that handles few of many events", .timeLimit(.minutes(1)))
struct SparseRebuildTests {
    /// Counts what a rebuild is given.
    private final class CountingSource: PageSource {
        let source: LogPageSource
        let given = Mutex(0)

        init(_ source: LogPageSource) { self.source = source }

        func events(
            of partition: PartitionID, types: Set<String>?, after position: Position, through end: Position, limit: Int
        ) async throws -> EventStretch {
            let stretch = try await source.events(
                of: partition, types: types, after: position, through: end, limit: limit)
            given.withLock { $0 += stretch.events.count }
            return stretch
        }
    }

    @Test("Case 18: A rebuild costs as much as the events it handles, not as the log is long")
    func sparse() async throws {
        try await Jars.with { jars in
            try await jars.fill((1...500).map { ("other-\($0)", 1) }, type: "JarBroken")
            try await jars.fill([("a", 1), ("b", 2), ("a", 3)])
            try await jars.fill((501...1000).map { ("other-\($0)", 1) }, type: "JarBroken")
            let store = try jars.store(Jars.Mended.self)
            try jars.apply(store)
            try store.close()
            let readers = try jars.log.identity.placement.partitions.map { try jars.log.reader($0) }
            let source = CountingSource(LogPageSource(readers))
            let result = try await Rebuilder(
                Jars.Mended.self, files: jars.files, log: jars.log.identity, readers: readers, source: source,
                codec: .json
            ).run { _, _ in }
            let progress = try #require(result.progress[Jars.partition])
            #expect(result.isEqual && progress.applied == 3 && progress.position == Position(1003))
            #expect(source.given.withLock { $0 } == 3)
        }
    }

    /// As an index of types that is wrong.
    private struct ForgetfulSource: PageSource {
        let source: LogPageSource

        func events(
            of partition: PartitionID, types: Set<String>?, after position: Position, through end: Position, limit: Int
        ) async throws -> EventStretch {
            let stretch = try await source.events(
                of: partition, types: types, after: position, through: end, limit: limit)
            return EventStretch(events: .copying(stretch.events.dropLast()), through: stretch.through)
        }
    }

    @Test("An event that the index of types leads past ends the rebuild, also where nobody would see it in the rows")
    func forgotten() async throws {
        try await Jars.with { jars in
            try await jars.fill((1...10).map { ("other-\($0)", 1) }, type: "JarBroken")
            try await jars.fill([("a", 1), ("b", 2), ("a", 3)])
            let store = try jars.store(Jars.Mended.self)
            try jars.apply(store)
            try store.close()
            let readers = try jars.log.identity.placement.partitions.map { try jars.log.reader($0) }
            let rebuilder = Rebuilder(
                Jars.Mended.self, files: jars.files, log: jars.log.identity, readers: readers,
                source: ForgetfulSource(source: LogPageSource(readers)), codec: .json)
            let failure = await #expect(throws: ReaderFailure.self) { _ = try await rebuilder.run { _, _ in } }
            #expect(failure?.description.contains("has 3 events") == true, "\(String(describing: failure))")
            #expect(failure?.description.contains("and 2 were found; look at: roost log verify") == true)
        }
    }
}
