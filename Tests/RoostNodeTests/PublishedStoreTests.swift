import Foundation
import RoostCore
import RoostLog
import RoostSim
import RoostTesting
import ShopScenario
import Testing

@testable import RoostNode

@Suite("A projection whose rows were shown to others", .timeLimit(.minutes(1)))
struct PublishedStoreTests {
    private enum Others: Projection {
        static let name = "published"
        static let tables: [TableDefinition] = []
        static let routes: [ProjectionRoute] = [.on("Other") { _, _ in }]
        static let queries: [ProjectionQuery] = []
    }

    private enum Samples: Projection {
        static let name = Others.name
        static let tables: [TableDefinition] = []
        static let routes: [ProjectionRoute] = [.on("SampleHappened") { _, _ in }]
        static let queries: [ProjectionQuery] = []
    }

    @Test("goes on with other routes, and counts what it had passed without them as discarded, so that law 5 balances")
    func changedRoutes() async throws {
        let log = MemoryLog(identity: LogIdentity(id: LogID(bits: 7), placement: ShopScenario.placement))
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("published-\(UUID()).db").path
        defer { for end in ["", "-wal", "-shm"] { unlink(path + end) } }
        try await Self.append(["SampleHappened", "Other", "SampleHappened"], to: log)
        let before = try await Self.run(Others.self, log, path)
        #expect(before.applied == 1 && before.discarded == 0 && before.position == Position(3))
        try await Self.append(["SampleHappened"], to: log)
        let after = try await Self.run(Samples.self, log, path)
        #expect(after.applied == 2 && after.discarded == 1 && after.position == Position(4))
    }

    private static func append(_ types: [String], to log: MemoryLog) async throws {
        let writer = try await log.claim(PartitionID(0), .sample())
        for type in types {
            _ = try await writer.append(
                [.sample(to: "order/1", command: "\(UUID())", type: type)], at: Timestamp(seconds: 1))
        }
        await writer.close()
    }

    /// One life of the process: until nothing is left to do. Returns where it stands.
    private static func run(_ projection: any Projection.Type, _ log: MemoryLog, _ path: String) async throws
        -> RoostNode.Progress
    {
        let executors = ThreadExecutors(name: "published")
        defer { executors.shutdown() }
        let feed = Feed(logID: log.identity.id)
        let status = ReaderStatus(name: projection.name)
        let projector = Projector(
            store: try ProjectionStore(
                projection, path: path, logID: log.identity.id, codec: .json, isPublished: true),
            feed: feed, readers: [try log.reader(PartitionID(0))], status: status, lane: executors.logLane("published"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await projector.run() }
            while status.report.state != .live {
                try await ThreadClock(thread: executors.work).sleep(for: .milliseconds(2))
            }
            feed.close()
            try await group.waitForAll()
        }
        let store = try ProjectionStore(projection, path: path, logID: log.identity.id, codec: .json)
        defer { #expect(throws: Never.self) { try store.close() } }
        return store.progress(PartitionID(0))
    }
}
