import RoostCore
import RoostLog
import Testing

@testable import RoostNode

@Suite("A process that dies at an event", .timeLimit(.minutes(1)))
struct CrashTests {
    private static func place(_ position: UInt64) -> EventPlace {
        EventPlace(partition: Jars.partition, position: Position(position))
    }

    /// One life that dies in a batch, at an event once its place is noted.
    private static func die(_ path: String, at position: UInt64) throws -> EventPlace? {
        let mark = try CrashMark(path: path, crashesMax: 3)
        mark.begin()
        mark.enter(place(position))
        return mark.condemned
    }

    private static func condemned(_ path: String) throws -> EventPlace? {
        try CrashMark(path: path, crashesMax: 3).condemned
    }

    @Test("again and again is known by its file: the first death tells the batch, the next ones the event")
    func counted() async throws {
        try await Jars.with { jars in
            let path = jars.files.markPath(generation: 1)
            let during = try (1...4).map { _ in try Self.die(path, at: 7) }
            #expect(during == [nil, nil, nil, nil])
            // Only a death counts, not a look at the file.
            let after = try [Self.condemned(path), Self.condemned(path)]
            #expect(after == [Self.place(7), Self.place(7)])
        }
    }

    @Test("is not blamed on an event that it did not die at so often in a row")
    func elsewhere() async throws {
        try await Jars.with { jars in
            let path = jars.files.markPath(generation: 1)
            let during = try [7, 7, 7, 8, 7, 7].map { try Self.die(path, at: $0) }
            let after = try Self.condemned(path)
            #expect(during.allSatisfy { $0 == nil } && after == nil)
        }
    }

    @Test("Case 9: A process that dies at an event parks it at last, with its stream, and goes on")
    func parked() async throws {
        try await Jars.with { jars in
            let path = jars.files.markPath(generation: 1)
            try await jars.fill([("a", 1), ("b", 2), ("a", 3)])
            for _ in 1...4 { _ = try Self.die(path, at: 2) }
            let store = try jars.store(Jars.Mended.self) { $0.markPath = path }
            try jars.apply(store)
            #expect(try jars.parked(store).map(\.kind) == [.crashed] && store.parkedStreams.map(\.id) == ["b"])
            #expect(try jars.parked(store).first?.reason == "the process died at it 3 times")
            #expect(try jars.rows(store) == ["a": [4, 2]])
            #expect(try jars.balance(store).holds)
            store.reachedHeads()
            #expect(store.mark?.isCareful == false)
            try store.close()
            let next = try CrashMark(path: path, crashesMax: 3)
            #expect(!next.isCareful && next.condemned == nil)
        }
    }

    @Test("at several events of one transaction parks each of them: what is known of one outlives a death at the next")
    func several() async throws {
        try await Jars.with { jars in
            let path = jars.files.markPath(generation: 1)
            try await jars.fill([("a", 1), ("b", 2), ("c", 3)])
            for _ in 1...4 { _ = try Self.die(path, at: 1) }
            // It knows the first one now, and dies at the second before its transaction ends.
            for _ in 1...3 {
                let store = try jars.store(Jars.Mended.self) { $0.markPath = path }
                #expect(throws: CancellationError.self) {
                    try store.transaction {
                        try store.apply(
                            jars.log.reader(Jars.partition).events(after: .start, limit: 1), of: Jars.partition)
                        throw CancellationError()
                    }
                }
                store.mark?.begin()
                store.mark?.enter(Self.place(2))
                try store.close()
            }
            let store = try jars.store(Jars.Mended.self) { $0.markPath = path }
            try jars.apply(store)
            #expect(try jars.parked(store).map(\.position) == [Position(1), Position(2)])
            #expect(try jars.rows(store) == ["c": [3, 1]])
            #expect(try store.table("SELECT * FROM roost_condemned").rows.isEmpty)
            try store.close()
        }
    }

    /// Two lives that end at a parked event of `order`, which is tried again.
    private static func dieRetrying(_ order: ParkingOrder, at position: UInt64, _ jars: Jars) throws -> ParkingDesk {
        let path = jars.files.markPath(generation: 1)
        let first = try jars.store(Jars.Fragile.self)
        try jars.apply(first)
        try first.close()
        let desk = ParkingDesk(projection: jars.directory)
        try desk.place(order)
        try desk.take(order.id)
        for _ in 1...2 { try CrashMark(path: path, crashesMax: 3).enterRetry(place(position)) }
        return desk
    }

    @Test("that is tried again ends the attempt, not the projection: the order is answered by the next life")
    func retried() async throws {
        try await Jars.with { jars in
            try await jars.fill([("a", -1), ("a", 5), ("b", 2)])
            let desk = try Self.dieRetrying(ParkingOrder(id: "1", .retry, stream: "stock/a"), at: 2, jars)
            let store = try jars.store(Jars.Mended.self) { $0.markPath = jars.files.markPath(generation: 1) }
            var clerk = ParkingClerk(desk)
            #expect(try clerk.step(store, jars.reader))
            let answer = try #require(try desk.answer(to: "1"))
            #expect(answer.isDone && answer.streams.first?.refused?.reason == ProjectionStore.diedRetrying)
            // What comes before it was applied, so it is the first one.
            #expect(answer.events == 1 && answer.streams.first?.refused?.position == Position(2))
            #expect(try jars.rows(store) == ["a": [-1, 1], "b": [2, 1]])
            #expect(try jars.parked(store).map(\.kind) == [.crashed] && jars.balance(store).holds)
            #expect(try jars.parked(store).map(\.attempts) == [1])
            let hasMore = try clerk.step(store, jars.reader)
            #expect(!hasMore)
            try store.close()
        }
    }

    @Test("that is tried again ends that attempt alone: another order that comes before it is carried out")
    func otherOrder() async throws {
        try await Jars.with { jars in
            try await jars.fill([("a", -1), ("b", -2)])
            let desk = try Self.dieRetrying(ParkingOrder(id: "2", .retry, stream: "stock/a"), at: 1, jars)
            try desk.place(ParkingOrder(id: "1", .retry, stream: "stock/b"))
            let store = try jars.store(Jars.Mended.self) { $0.markPath = jars.files.markPath(generation: 1) }
            var clerk = ParkingClerk(desk)
            while try clerk.step(store, jars.reader) {}
            let (other, died) = (try #require(try desk.answer(to: "1")), try #require(try desk.answer(to: "2")))
            #expect(other.isDone && other.events == 1 && other.streams.allSatisfy { $0.refused == nil })
            #expect(died.isDone && died.streams.map(\.refused?.position) == [Position(1)])
            #expect(try jars.rows(store) == ["b": [-2, 1]])
            try store.close()
        }
    }

    @Test("and whose order was taken back is not held against the next order")
    func takenBack() async throws {
        try await Jars.with { jars in
            try await jars.fill([("a", -1), ("b", -2)])
            let desk = try Self.dieRetrying(ParkingOrder(id: "1", .retry, stream: "stock/a"), at: 1, jars)
            try desk.clear("1")
            try desk.place(ParkingOrder(id: "2", .retry, stream: nil))
            let store = try jars.store(Jars.Mended.self) { $0.markPath = jars.files.markPath(generation: 1) }
            var clerk = ParkingClerk(desk)
            while try clerk.step(store, jars.reader) {}
            let answer = try #require(try desk.answer(to: "2"))
            #expect(answer.isDone && answer.events == 2 && answer.streams.allSatisfy { $0.refused == nil })
            try store.close()
        }
    }
}
