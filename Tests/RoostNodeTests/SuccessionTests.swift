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
        try await Self.with { jars, live, generation in
            try await jars.fill([("a", 3), ("b", 4), ("a", 5), ("c", 6), ("a", 7)])
            try jars.apply(live)
            var succession = try jars.succession(Jars.Mended.self)
            guard case .nothing = try Self.step(&succession, live) else { throw ReaderFailure("nobody wants it yet") }
            try Self.desk(jars).place(SwapOrder(generation: generation, build: ""))
            var steps = 0
            while case .more = try Self.step(&succession, live) {
                steps += 1
                #expect(try jars.files.current() == 1)
                guard steps == 2 else { continue }
                // What comes meanwhile is no less a part of it.
                try await jars.fill([("d", 8)])
                try jars.apply(live)
            }
            #expect(steps == 3, "six events, two of each step")
            let successor = try jars.store(Jars.Mended.self)
            #expect(try jars.rows(successor) == ["a": [16, 4], "b": [6, 2], "c": [6, 1], "d": [8, 1]])
            #expect(try jars.files.current() == generation)
            #expect(!FileManager.default.fileExists(atPath: jars.files.path(generation: 1)))
            #expect(try Self.desk(jars).order() == nil && Self.desk(jars).refusal() == nil)
            try successor.close()
        }
    }

    @Test(
        "Is refused where it is not whole, not there, or another build's; the live one stays",
        arguments: ["unfinished", "missing", "other build", "unreadable"])
    func refused(trouble: String) async throws {
        try await Self.with { jars, live, generation in
            var order = SwapOrder(generation: generation, build: "")
            switch trouble {
            case "unfinished": try Data().write(to: URL(fileURLWithPath: jars.directory + "/\(generation).rebuilding"))
            case "missing": order = SwapOrder(generation: generation + 1, build: "")
            case "unreadable":
                try Data("rows".utf8).write(to: URL(fileURLWithPath: jars.files.path(generation: generation)))
            default: order = SwapOrder(generation: generation, build: "another")
            }
            try Self.desk(jars).place(order)
            var succession = try jars.succession(Jars.Mended.self)
            guard case .nothing = try Self.step(&succession, live) else { throw ReaderFailure("was not refused") }
            let refusal = try #require(try Self.desk(jars).refusal())
            #expect(!refusal.reason.isEmpty && refusal.reason.contains("another build") == (trouble == "other build"))
            #expect(try Self.desk(jars).order() == nil && jars.files.current() == 1)
            #expect(try jars.rows(live) == ["a": [1, 1], "b": [2, 1]])
        }
    }

    @Test("Is refused when it does not account for every event")
    func unbalanced() async throws {
        try await Self.with { jars, live, generation in
            try Self.edit("UPDATE roost_progress SET applied = applied - 1", jars.files.path(generation: generation))
            try Self.desk(jars).place(SwapOrder(generation: generation, build: ""))
            var succession = try jars.succession(Jars.Mended.self)
            guard case .nothing = try Self.step(&succession, live) else { throw ReaderFailure("was not refused") }
            #expect(try Self.desk(jars).refusal()?.reason.contains("has 2 events") == true)
            #expect(try jars.files.current() == 1)
        }
    }

    @Test(
        "An order that nobody lived to carry out is carried out at the next start, before an older database is opened")
    func atStart() async throws {
        try await Self.with { jars, live, generation in
            try await jars.fill([("a", 3), ("b", 4), ("c", 5)])
            try jars.apply(live)
            try live.close()
            try Self.desk(jars).place(SwapOrder(generation: generation, build: ""))
            var succession = try jars.succession(Jars.Mended.self)
            try succession.atStart { false }
            #expect(try jars.files.current() == 1)
            try succession.atStart { true }
            #expect(try jars.files.current() == generation && Self.desk(jars).order() == nil)
            let successor = try jars.store(Jars.Mended.self)
            #expect(try jars.rows(successor) == ["a": [4, 2], "b": [6, 2], "c": [5, 1]])
            // Done, but for taking the order away.
            try Self.desk(jars).place(SwapOrder(generation: generation, build: ""))
            try succession.atStart { true }
            #expect(try Self.desk(jars).order() == nil && jars.files.current() == generation)
            try successor.close()
        }
    }

    @Test("Is not made again while it waits to take over")
    func rebuild() async throws {
        try await Self.with { jars, _, generation in
            try Self.desk(jars).place(SwapOrder(generation: generation, build: ""))
            await #expect(throws: ReaderFailure.self) { try await jars.rebuilder(Jars.Mended.self).run { _, _ in } }
            try Self.desk(jars).clear()
            #expect(try await jars.rebuilder(Jars.Mended.self).run { _, _ in }.isEqual)
        }
    }

    private static func desk(_ jars: Jars) -> SwapDesk { SwapDesk(projection: jars.directory) }

    private static func step(_ succession: inout Succession, _ live: ProjectionStore) throws -> Succession.Step {
        try succession.step(to: live.progress.mapValues(\.position), closing: live.close)
    }

    private static func edit(_ sql: String, _ path: String) throws {
        let store = try ReaderStore(
            path: path, logID: Jars().log.identity.id, name: "jars", revision: 1, tables: [])
        try store.withTables { try $0.run(sql) }
        try store.close()
    }

    /// Two jars, a live projection of them and one that was made beside it.
    private static func with(_ body: (Jars, ProjectionStore, Int) async throws -> Void) async throws {
        try await Jars.with { jars in
            try await jars.fill([("a", 1), ("b", 2)])
            let live = try jars.store(Jars.Mended.self)
            try jars.apply(live)
            let result = try await jars.rebuilder(Jars.Mended.self).run { _, _ in }
            try #require(result.isEqual)
            try await body(jars, live, result.generation)
        }
    }
}
