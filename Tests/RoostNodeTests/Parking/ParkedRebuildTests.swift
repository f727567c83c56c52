import RoostCore
import RoostLog
import Testing

@testable import RoostNode

@Suite("A rebuild that meets events which cannot be applied", .timeLimit(.minutes(1)))
struct ParkedRebuildTests {
    private static func live(_ jars: Jars, _ change: (ProjectionStore) throws -> Void = { _ in }) throws {
        let store = try jars.store(Jars.Fragile.self)
        try jars.apply(store)
        try change(store)
        try store.close()
    }

    @Test("parks them as the live projection does, and proves both sets equal")
    func alike() async throws {
        try await Jars.with { jars in
            try await jars.fill([("a", 1), ("b", -2), ("a", 3), ("b", 4)])
            try Self.live(jars)
            let result = try await jars.rebuilder(Jars.Fragile.self).run { _, _ in }
            #expect(result.isEqual && result.setAside.map(\.rows) == [2] && result.setAside == result.liveSetAside)
        }
    }

    @Test("whose code is mended has fewer of them, so it is not equal")
    func mended() async throws {
        try await Jars.with { jars in
            try await jars.fill([("a", 1), ("b", -2), ("b", 4)])
            try Self.live(jars)
            let result = try await jars.rebuilder(Jars.Mended.self).run { _, _ in }
            #expect(!result.isEqual && result.setAside.isEmpty && result.liveSetAside.map(\.rows) == [2])
            // They are parked, which is something else than missed.
            let parting = try #require(result.explanation.partings.first)
            #expect(result.explanation.partings.count == 1 && parting.cause == "parked")
            #expect(parting.events.map(\.event.position.rawValue) == [2, 3])
            #expect(!result.explanation.rows.isEmpty && result.explanation.rows.allSatisfy { $0.cause == "parked" })
        }
    }

    @Test("is not equal to a live projection that has the same rows and other events set aside")
    func otherSet() async throws {
        try await Jars.with { jars in
            try await jars.fill([("a", 1), ("b", -2)])
            try Self.live(jars) { store in
                try store.transaction { try store.open.run("DELETE FROM roost_parked") }
            }
            let result = try await jars.rebuilder(Jars.Fragile.self).run { _, _ in }
            #expect(!result.isEqual && result.tables == result.liveTables)
        }
    }

    @Test("leaves out what was discarded in the live one, and goes on with the rest of the stream")
    func discards() async throws {
        try await Jars.with { jars in
            try await jars.fill([("b", -2), ("b", 4), ("a", 1)])
            try Self.live(jars) { store in
                _ = try store.discard(StreamName("stock/b"), through: Position(1))
                _ = try store.retry(StreamName("stock/b"), from: jars.reader)
            }
            let result = try await jars.rebuilder(Jars.Fragile.self).run { _, _ in }
            #expect(result.isEqual && result.setAside.map(\.name) == ["roost_discarded"])
            let progress = try #require(result.progress[Jars.partition])
            #expect(progress.applied == 2 && progress.discarded == 1 && progress.parked == 0)
        }
    }

    @Test("can be checked again from the log alone, with what was discarded since the live one began")
    func checkedAgain() async throws {
        try await Jars.with { jars in
            try await jars.fill([("b", -2), ("b", 4), ("c", -1), ("a", 1)])
            try Self.live(jars) { _ = try $0.discard(StreamName("stock/b")) }
            let result = try await jars.rebuilder(Jars.Fragile.self).run { _, _ in }
            let again = try PastProjection(
                Jars.Fragile.self, log: jars.log, codec: .json, live: try jars.files.currentPath()
            ).roots(through: result.progress.mapValues(\.position)) { _ in }
            #expect(result.isEqual && again.setAside == result.setAside && again.tables == result.tables)
        }
    }
}
