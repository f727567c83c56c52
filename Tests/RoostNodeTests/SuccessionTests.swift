import Foundation
import RoostCore
import RoostLog
import Testing

@testable import RoostNode

@Suite("A generation that takes the live one's place", .timeLimit(.minutes(1)))
struct SuccessionTests {
    @Test(
        "Is brought to where the live one is a step at a time, and then is the live one, with all rows and no older file"
    )
    func goesOver() async throws {
        try await Self.with { jars, live, result in
            try await jars.fill([("a", 3), ("b", 4), ("a", 5), ("c", 6), ("a", 7)])
            try jars.apply(live)
            var succession = try jars.succession(Jars.Mended.self)
            guard case .nothing = try Self.step(&succession, live) else { throw ReaderFailure("nobody wants it yet") }
            try Self.desk(jars).place(SwapOrder(result))
            guard case .more = try Self.step(&succession, live) else { throw ReaderFailure("two of five events") }
            #expect(try jars.files.current() == 1)
            // What comes meanwhile is no less a part of it.
            try await jars.fill([("d", 8), ("d", 9)])
            try jars.apply(live)
            guard case .more = try Self.step(&succession, live) else { throw ReaderFailure("six of seven events") }
            guard case .done(let successor) = try Self.step(&succession, live) else {
                throw ReaderFailure("all of them")
            }
            #expect(try jars.rows(successor) == ["a": [16, 4], "b": [6, 2], "c": [6, 1], "d": [17, 2]])
            #expect(try jars.files.current() == result.generation)
            #expect(!FileManager.default.fileExists(atPath: jars.files.path(generation: 1)))
            #expect(try Self.desk(jars).order() == nil && Self.desk(jars).refusal() == nil)
            try successor.close()
        }
    }

    enum Trouble: String, CaseIterable {
        case unfinished, missing, otherBuild, otherRows, unreadable, unbalanced, otherHistory
    }

    @Test("Is refused where it is not whole or not what was meant; the live one stays", arguments: Trouble.allCases)
    func refused(trouble: Trouble) async throws {
        try await Self.with { jars, live, result in
            let path = jars.files.path(generation: result.generation)
            var order = SwapOrder(result)
            switch trouble {
            case .unfinished: try jars.files.beginRebuild(of: result.generation)
            case .missing: try FileManager.default.removeItem(atPath: path)
            case .otherBuild: order = SwapOrder(result, build: "another")
            case .otherRows: order = SwapOrder(result, root: "00")
            case .unreadable: try Data("rows".utf8).write(to: URL(fileURLWithPath: path))
            case .unbalanced: try Self.edit("UPDATE roost_progress SET applied = applied - 1", path)
            case .otherHistory: try Self.edit("UPDATE roost_progress SET digest = x'00'", path)
            }
            try Self.desk(jars).place(order)
            var succession = try jars.succession(Jars.Mended.self)
            guard case .nothing = try Self.step(&succession, live) else { throw ReaderFailure("was not refused") }
            let words: [Trouble: String] = [
                .unfinished: "is not made", .missing: "is not made", .otherBuild: "another build",
                .otherRows: "is not made as it was meant", .unreadable: "not a database", .unbalanced: "has 2 events",
                .otherHistory: "another history",
            ]
            let reason = try #require(try Self.desk(jars).refusal()?.reason)
            #expect(reason.contains(try #require(words[trouble])), "\(reason)")
            #expect(try Self.desk(jars).order() == nil && jars.files.current() == 1)
            #expect(try jars.rows(live) == ["a": [1, 1], "b": [2, 1]])
            // Nothing is held any more.
            #expect(try jars.files.lockGeneration() != nil)
        }
    }

    @Test("An order that is withdrawn is not carried out; once it is taken it cannot be withdrawn")
    func withdrawn() async throws {
        try await Self.with { jars, live, result in
            let desk = Self.desk(jars)
            try await jars.fill([("a", 3), ("a", 4), ("a", 5)])
            try jars.apply(live)
            try desk.place(SwapOrder(result))
            var succession = try jars.succession(Jars.Mended.self)
            guard case .more = try Self.step(&succession, live) else { throw ReaderFailure("two of three events") }
            #expect(desk.withdraw())
            guard case .nothing = try Self.step(&succession, live) else { throw ReaderFailure("it was withdrawn") }
            #expect(try jars.files.current() == 1 && jars.files.lockGeneration() != nil)

            try desk.place(SwapOrder(result))
            #expect(desk.take())
            #expect(try !desk.withdraw() && desk.order() != nil)
            guard case .done(let successor) = try Self.step(&succession, live) else {
                throw ReaderFailure("it is taken")
            }
            #expect(try jars.rows(successor)["a"] == [13, 4])
            try successor.close()
        }
    }

    @Test(
        "An order that nobody lived to carry out is carried out at the next start, before an older database is opened")
    func atStart() async throws {
        try await Self.with { jars, live, result in
            try await jars.fill([("a", 3), ("b", 4), ("c", 5)])
            try jars.apply(live)
            try live.close()
            try Self.desk(jars).place(SwapOrder(result))
            var succession = try jars.succession(Jars.Mended.self)
            try succession.atStart { false }
            #expect(try jars.files.current() == 1 && jars.files.lockGeneration() != nil)
            try succession.atStart { true }
            #expect(try jars.files.current() == result.generation && Self.desk(jars).order() == nil)
            let successor = try jars.store(Jars.Mended.self)
            #expect(try jars.rows(successor) == ["a": [4, 2], "b": [6, 2], "c": [5, 1]])
            try successor.close()
        }
    }

    @Test("A process that dies when the pointer has moved goes on with the new one, and the old one goes")
    func diesAfterPointer() async throws {
        try await Self.with { jars, live, result in
            try Self.desk(jars).place(SwapOrder(result))
            var succession = try jars.succession(Jars.Mended.self)
            let vector = live.progress.mapValues(\.position)
            #expect(throws: ReaderFailure.self) {
                try succession.step(to: vector) { throw ReaderFailure("here it dies") }
            }
            #expect(try jars.files.current() == result.generation && Self.desk(jars).order() != nil)
            var next = try jars.succession(Jars.Mended.self)
            try next.atStart { true }
            #expect(try Self.desk(jars).order() == nil && Self.desk(jars).refusal() == nil)
            #expect(!FileManager.default.fileExists(atPath: jars.files.path(generation: 1)))
        }
    }

    @Test("An order keeps no projection from starting whose database is gone")
    func noLive() async throws {
        try await Self.with { jars, live, result in
            try live.close()
            try FileManager.default.removeItem(atPath: jars.files.path(generation: 1))
            try Self.desk(jars).place(SwapOrder(result))
            var succession = try jars.succession(Jars.Mended.self)
            try succession.atStart { true }
            #expect(try Self.desk(jars).refusal()?.reason.contains("cannot be read") == true)
            #expect(try jars.files.current() == 1)
        }
    }

    @Test("Is not made again while it waits to take over, and does not take over while it is made again")
    func rebuild() async throws {
        try await Self.with { jars, live, result in
            try Self.desk(jars).place(SwapOrder(result))
            await #expect(throws: ReaderFailure.self) { try await jars.rebuilder(Jars.Mended.self).run { _, _ in } }
            var succession = try jars.succession(Jars.Mended.self)
            try Self.whileLocked(jars) {
                guard case .later = try Self.step(&succession, live) else {
                    throw ReaderFailure("somebody works at it")
                }
            }
            #expect(Self.desk(jars).withdraw())
            #expect(try await jars.rebuilder(Jars.Mended.self).run { _, _ in }.isEqual)
        }
    }

    // MARK: - What is parked

    @Test("What is discarded between the rebuild and the swap stays so")
    func discarded() async throws {
        try await Self.with(Jars.Fragile.self, [("a", 1), ("b", -2), ("b", 3)]) { jars, live, result in
            try await jars.fill([("c", -4), ("c", 5), ("a", 6)])
            try jars.apply(live)
            for jar in ["b", "c"] {
                guard case .done = try live.discard(StreamName("stock/\(jar)"), through: nil) else {
                    throw ReaderFailure("was not discarded")
                }
            }
            let successor = try await Self.goOver(Jars.Fragile.self, jars, live, result)
            #expect(try jars.parked(successor).isEmpty && jars.rows(successor) == ["a": [7, 2]])
            #expect(successor.progress(Jars.partition).discarded == 4)
            try successor.close()
        }
    }

    @Test("What was parked when both were equal, and is applied since, is not parked again: the swap is refused")
    func retried() async throws {
        try await Self.with(Jars.Fragile.self, [("a", 1), ("b", -2)]) { jars, live, result in
            // Its stream is parked all the same, for what came later.
            try await jars.fill([("c", -3)])
            try jars.apply(live)
            try live.close()
            // Its handler could be mended by a row of another table just as well.
            let mended = try jars.store(Jars.Mended.self)
            guard case .done = try mended.retry(StreamName("stock/b"), from: jars.reader) else {
                throw ReaderFailure("was not applied")
            }
            try Self.desk(jars).place(SwapOrder(result))
            var succession = try jars.succession(Jars.Fragile.self)
            guard case .nothing = try Self.step(&succession, mended) else { throw ReaderFailure("was not refused") }
            #expect(try Self.desk(jars).refusal()?.reason.contains("position 2 of partition 2 was applied") == true)
            #expect(try jars.files.current() == 1)
            try mended.close()
        }
    }

    @Test("An event that the live one has parked because processes died at it is parked here before this one dies")
    func crashed() async throws {
        try await Self.with { jars, live, result in
            try live.close()
            try await jars.fill([("c", 3), ("a", 4)])
            let place = EventPlace(partition: Jars.partition, position: Position(3))
            let condemning = try jars.store(Jars.Mended.self)
            condemning.parked?.condemn(place, after: 3)
            try jars.apply(condemning)
            #expect(try jars.parked(condemning).map(\.kind) == [.crashed])
            // A handler that was called for it would be one that dies.
            let successor = try await Self.goOver(Jars.Mended.self, jars, condemning, result)
            #expect(try jars.parked(successor).map(\.place) == [place])
            #expect(try jars.rows(successor) == ["a": [5, 2], "b": [2, 1]])
            try successor.close()
        }
    }

    // MARK: -

    private static func goOver(
        _ projection: any Projection.Type, _ jars: Jars, _ live: ProjectionStore, _ result: Rebuilder.Result
    ) async throws -> ProjectionStore {
        try desk(jars).place(SwapOrder(result))
        var succession = try jars.succession(projection)
        for _ in 1...10 {
            if case .done(let successor) = try step(&succession, live) { return successor }
        }
        throw ReaderFailure("has not gone over: \(String(describing: try desk(jars).refusal()))")
    }

    private static func whileLocked(_ jars: Jars, _ body: () throws -> Void) throws {
        let lock = try #require(try jars.files.lockGeneration())
        try body()
        withExtendedLifetime(lock) {}
    }

    private static func desk(_ jars: Jars) -> SwapDesk { SwapDesk(projection: jars.directory) }

    private static func step(_ succession: inout Succession, _ live: ProjectionStore) throws -> Succession.Step {
        try succession.step(to: live.progress.mapValues(\.position), closeLive: live.close)
    }

    private static func edit(_ sql: String, _ path: String) throws {
        let store = try ReaderStore(path: path, logID: Jars().log.identity.id, name: "jars", revision: 1, tables: [])
        try store.withTables { try $0.run(sql) }
        try store.close()
    }

    /// Some jars, a live projection of them and one that was made beside it.
    private static func with(
        _ projection: any Projection.Type = Jars.Mended.self, _ filled: [(String, Int)] = [("a", 1), ("b", 2)],
        _ body: (Jars, ProjectionStore, Rebuilder.Result) async throws -> Void
    ) async throws {
        try await Jars.with { jars in
            try await jars.fill(filled)
            let live = try jars.store(projection)
            try jars.apply(live)
            let result = try await jars.rebuilder(projection).run { _, _ in }
            try #require(result.isEqual)
            try await body(jars, live, result)
        }
    }
}
