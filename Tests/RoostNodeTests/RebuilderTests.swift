import Foundation
import RoostCore
import RoostLog
import RoostTesting
import Shop
import ShopScenario
import Synchronization
import Testing

@testable import RoostNode

@Suite("A rebuild", .timeLimit(.minutes(1)))
struct RebuilderTests {
    @Test("On an empty log, and twice in a row, ends and equals the live projection")
    func empty() async throws {
        try await Self.withLive(orders: 0) { rebuilder, _ in
            for _ in 1...2 {
                let result = try await rebuilder.run { _, _ in }
                #expect(result.isEqual && result.events == 0)
            }
        }
    }

    @Test("Equals the live projection, also when it was interrupted at any transaction before")
    func equal() async throws {
        try await Self.withLive(orders: 8) { rebuilder, files in
            let result = try await rebuilder.run { _, _ in }
            #expect(result.isEqual && result.events == 32)

            // An interrupted rebuild leaves its mark and a generation whose checkpoint is behind.
            try files.beginRebuild(of: result.generation)
            let again = try await rebuilder.run { _, _ in }
            #expect(again.root == result.root && again.isEqual)
        }
    }

    @Test("An interrupted rebuild of another build is not gone on with")
    func otherBuild() async throws {
        try await Self.withLive(orders: 8) { rebuilder, files in
            let result = try await rebuilder.run { _, _ in }
            let path = files.path(generation: result.generation)
            for (build, isKept) in [("", true), ("another", false)] {
                try files.beginRebuild(of: result.generation, by: build)
                #expect(FileManager.default.fileExists(atPath: path) == false, "a finished one is made again")
                try Data("half".utf8).write(to: URL(fileURLWithPath: path))
                try files.beginRebuild(of: result.generation, by: "")
                #expect(FileManager.default.fileExists(atPath: path) == isKept)
                try files.endRebuild(of: result.generation, root: "")
            }
        }
    }

    @Test("A finished rebuild that nobody switched to is made again from the first event")
    func startsOver() async throws {
        try await Self.withLive(orders: 8) { rebuilder, _ in
            let first = Mutex<[UInt64]>([])
            _ = try await rebuilder.run { _, _ in }
            _ = try await rebuilder.run { done, _ in first.withLock { $0.append(done) } }
            #expect(first.withLock { $0 }.contains { $0 > 0 })
        }
    }

    @Test("A live row that was changed by hand makes the verdict different")
    func tampered() async throws {
        try await Self.withLive(orders: 8) { rebuilder, files in
            try Self.edit("UPDATE stock SET level = level + 1", files)
            let result = try await rebuilder.run { _, _ in }
            #expect(!result.isEqual && result.root != result.liveRoot)
        }
    }

    /// Changes the live dashboard as somebody would who should not.
    static func edit(_ sql: String, _ files: ProjectionFiles) throws {
        let store = try ReaderStore(
            path: try files.currentPath(), logID: LogID(bits: 7), name: "dashboard", revision: 1, tables: [])
        try store.withConnection { connection in
            let tables = Tables(connection: connection)
            defer { tables.close() }
            try tables.run(sql)
        }
        try store.close()
    }

    /// Applies everything, as a live projection does.
    static func applyAll(_ live: ProjectionStore, _ readers: [any PartitionReader]) throws {
        for reader in readers {
            try live.transaction {
                try live.apply(try reader.events(after: .start, limit: 10_000), of: reader.partition)
            }
        }
    }

    /// A log of some orders, four events each, a live projection of it, by default a right one, and its rebuilder.
    static func withLive(
        orders: Int, of projection: any Projection.Type = Dashboard.self, liveBuild: String? = "",
        build: String = "",
        made: (ProjectionStore, [any PartitionReader]) throws -> Void = applyAll,
        _ body: (Rebuilder, ProjectionFiles) async throws -> Void
    ) async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("rebuild-\(UUID())").path
        let files = ProjectionFiles(directory: directory)
        try files.prepare()
        defer { #expect(throws: Never.self) { try FileManager.default.removeItem(atPath: directory) } }
        let log = MemoryLog(identity: LogIdentity(id: LogID(bits: 7), placement: ShopScenario.placement))
        try await fill(log, orders: orders)
        let readers = try ShopScenario.placement.partitions.map { try log.reader($0) }
        let live = try ProjectionStore(
            projection, path: try files.currentPath(), logID: log.identity.id, codec: .json, build: liveBuild)
        try made(live, readers)
        try live.close()
        var options = Rebuilder.Options()
        options.build = build
        try await body(
            Rebuilder(
                projection, files: files, log: log.identity, readers: readers, source: LogPageSource(readers),
                codec: .json, options: options), files)
    }

    private static func fill(_ log: MemoryLog, orders: Int) async throws {
        let run = DomainRun(ShopDomain.domain, placement: ShopScenario.placement)
        for number in 0..<orders {
            let line = PlaceOrder.Line(sku: "A\(number % 3)", quantity: 1 + number, unitPrice: 100)
            try run.send(
                PlaceOrder(address: Address(country: "France"), lines: [line]), to: try StreamName("order/\(number)"))
        }
        for (partition, events) in run.partitions.enumerated() {
            let claim = Claim(
                process: "test", incarnation: Incarnation(bits: 1), commandEndpoint: "", publishEndpoint: "",
                claimedAt: Timestamp(seconds: 0))
            let writer = try await log.claim(PartitionID(UInt32(partition)), claim)
            for event in events { _ = try await writer.append([proposal(event)], at: event.recorded) }
        }
    }

    private static func proposal(_ event: RecordedEvent) -> Proposal {
        Proposal(
            CommandContext(
                stream: event.stream, commandID: event.commandID, fingerprint: event.fingerprint,
                correlationID: event.correlationID, causationID: event.causationID),
            expected: .any,
            events: [
                NewEvent(eventID: event.eventID, type: event.type, payload: event.payload, occurred: event.occurred)
            ])
    }
}
