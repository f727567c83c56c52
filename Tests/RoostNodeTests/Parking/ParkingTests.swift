import RoostCore
import RoostLog
import RoostTesting
import Testing

@testable import RoostNode

@Suite("An event that a projection cannot apply", .timeLimit(.minutes(1)))
struct ParkingTests {
    @Test("is set aside with all later ones of its stream, in order; what its handler wrote is gone, all others go on")
    func parks() async throws {
        try await Jars.with { jars in
            try await jars.fill([("a", 1), ("b", 2), ("a", -5), ("b", 3), ("a", 7)])
            try await jars.fill([("c", 1)], type: "JarBroken")
            let store = try jars.store(Jars.Fragile.self)
            try jars.apply(store)
            #expect(try jars.rows(store) == ["a": [1, 1], "b": [5, 2]])
            let parked = try jars.parked(store)
            #expect(parked.map(\.position) == [Position(3), Position(5)])
            #expect(parked.map(\.kind) == [.failed, .behind])
            #expect(parked[0].reason.contains("negative"))
            let expected = Balance(appended: 6, applied: 3, filtered: 1, parked: 2, discarded: 0, pending: 0)
            #expect(try jars.balance(store) == expected && expected.holds)
            try store.close()

            // What comes after a restart waits, too.
            try await jars.fill([("a", 1), ("b", 1)])
            let next = try jars.store(Jars.Fragile.self)
            try jars.apply(next)
            #expect(try jars.rows(next) == ["a": [1, 1], "b": [6, 3]])
            #expect(next.progress(Jars.partition).parked == 3 && next.parkedStreams.map(\.description) == ["stock/a"])
            try next.close()
        }
    }

    @Test("whose body cannot be decoded is parked alike")
    func undecodable() async throws {
        try await Jars.with { jars in
            try await jars.append([("a", #"{"grams":"many"}"#), ("b", #"{"grams":1}"#)])
            let store = try jars.store(Jars.Mended.self)
            try jars.apply(store)
            #expect(try jars.rows(store) == ["b": [1, 1]])
            #expect(try jars.parked(store).map(\.reason) == ["grams: expected an integer, found a string"])
            try store.close()
        }
    }

    @Test("of somebody leaves nothing personal in the reason: the error's kind and place alone")
    func personal() async throws {
        try await Jars.with { jars in
            try await jars.fill([("a", -4711)], subject: "customer/1")
            try await jars.fill([("b", -4711)])
            let store = try jars.store(Jars.Fragile.self)
            try jars.apply(store)
            let reasons = try jars.parked(store).map(\.reason)
            #expect(reasons[0].hasSuffix("Trouble.negative") && !reasons[0].contains("4711"))
            #expect(reasons[1].contains("4711"))
            try store.close()
        }
    }

    @Test("that is applied again with mended code comes in the order of its stream, and what comes meanwhile after it")
    func retried() async throws {
        try await Jars.with { jars in
            let count = ProjectionStore.parkedPageMax + 10
            try await jars.fill([("a", -1)] + (1..<count).map { _ in ("a", 1) })
            let broken = try jars.store(Jars.Fragile.self)
            try jars.apply(broken)
            try broken.close()

            let store = try jars.store(Jars.Mended.self)
            let stream = try StreamName("stock/a")
            guard case .done(let first, false) = try store.retry(stream, from: jars.reader) else {
                throw ReaderFailure("the first page is not the last")
            }
            #expect(first == UInt64(ProjectionStore.parkedPageMax))
            // Between two pages the stream is still parked, so this one must wait.
            try await jars.fill([("a", 100)])
            try jars.apply(store)
            #expect(store.progress(Jars.partition).parked == 11)
            guard case .done(11, true) = try store.retry(stream, from: jars.reader) else {
                throw ReaderFailure("the rest is one page")
            }
            #expect(store.parkedStreams.isEmpty)
            try await jars.fill([("a", 1000)])
            try jars.apply(store)
            #expect(try jars.rows(store) == ["a": [Int64(count) - 2 + 1100, Int64(count) + 2]])
            let balance = try jars.balance(store)
            #expect(balance.holds && balance.applied == balance.appended)
            try store.close()
        }
    }

    @Test("that still cannot be applied stays as it is, and says why; a dry run changes nothing in any case")
    func refused() async throws {
        try await Jars.with { jars in
            try await jars.fill([("a", -1), ("a", 2), ("b", 1)])
            let store = try jars.store(Jars.Fragile.self)
            try jars.apply(store)
            let (before, rows) = (store.progress, try jars.rows(store))
            guard
                case .refused(let place, "JarFilled", let reason, after: 0) = try store.retry(
                    StreamName("stock/a"), from: jars.reader)
            else { throw ReaderFailure("it passed") }
            #expect(place.position == Position(1) && reason.contains("negative"))
            #expect(try jars.rows(store) == rows && store.progress == before)
            #expect(try jars.parked(store).map(\.attempts) == [2, 0])
            try store.close()

            let mended = try jars.store(Jars.Mended.self)
            guard case .done(2, true) = try mended.wouldPass(StreamName("stock/a"), from: jars.reader) else {
                throw ReaderFailure("it would not pass")
            }
            #expect(try jars.rows(mended) == rows && mended.progress == before)
            #expect(try jars.parked(mended).count == 2 && mended.parkedStreams.count == 1)
            try mended.close()
        }
    }

    @Test("that is tried again in vain leaves those before it applied, so it is the first one, which can be given up")
    func refusedLater() async throws {
        try await Jars.with { jars in
            try await jars.fill([("a", -1), ("a", 2), ("a", 3), ("a", -4), ("a", 5), ("b", 1)])
            let stream = try StreamName("stock/a")
            let store = try jars.store(Jars.Fragile.self)
            try jars.apply(store)
            _ = try store.discard(stream, through: Position(1))
            let rows = try jars.rows(store)
            guard
                case .refused(let fails, "JarFilled", let reason, after: 2) = try store.wouldPass(
                    stream, from: jars.reader)
            else { throw ReaderFailure("a dry run says something else") }
            #expect(fails.position == Position(4) && reason.contains("negative"))
            #expect(try jars.rows(store) == rows && jars.parked(store).count == 4)
            guard case .refused(fails, _, reason, after: 2) = try store.retry(stream, from: jars.reader) else {
                throw ReaderFailure("what a dry run said did not happen")
            }
            #expect(try jars.rows(store) == ["a": [5, 3], "b": [1, 1]])
            #expect(try jars.parked(store).map(\.position) == [Position(4), Position(5)])
            #expect(try jars.parked(store).map(\.attempts) == [1, 0])
            let balance = try jars.balance(store)
            #expect(balance.holds && balance.applied == 3 && balance.parked == 2 && balance.discarded == 1)
            _ = try store.discard(stream, through: Position(4))
            guard case .done(1, true) = try store.retry(stream, from: jars.reader) else {
                throw ReaderFailure("the rest does not pass")
            }
            #expect(try jars.rows(store) == ["a": [10, 5], "b": [1, 1]] && jars.balance(store).holds)
            try store.close()
        }
    }

    @Test("that is given up is counted as discarded; the rest of its stream can be tried again")
    func discarded() async throws {
        try await Jars.with { jars in
            try await jars.fill([("a", -1), ("a", 2), ("a", -3), ("b", 1)])
            let store = try jars.store(Jars.Fragile.self)
            try jars.apply(store)
            let stream = try StreamName("stock/a")
            _ = try store.discard(stream, through: Position(1))
            // As after a crash between the commit and the answer.
            guard case .done(0, true) = try store.discard(stream, through: Position(1)) else {
                throw ReaderFailure("an order carried out twice gave up more than it named")
            }
            #expect(try jars.balance(store).discarded == 1 && store.progress(Jars.partition).parked == 2)
            _ = try store.discard(stream)
            let balance = try jars.balance(store)
            #expect(balance.holds && balance.discarded == 3 && balance.parked == 0)
            try await jars.fill([("a", 5)])
            try jars.apply(store)
            #expect(try jars.rows(store) == ["a": [5, 4], "b": [1, 1]])
            try store.close()
        }
    }

    @Test("stops the projection when more streams would be parked than the topology allows; nothing was skipped")
    func bounded() async throws {
        try await Jars.with { jars in
            try await jars.fill([("a", -1), ("b", -1), ("c", -1)])
            let store = try jars.store(Jars.Fragile.self) { $0.streamsMax = 2 }
            let failure = #expect(throws: ReaderFailure.self) { try jars.apply(store) }
            #expect(failure?.description.contains("roost parked ls") == true && failure?.correlationID != nil)
            #expect(store.progress(Jars.partition).position == .start && store.parkedStreams.isEmpty)
            try store.close()
        }
    }

    @Test("Case 15: Upcasters run on a parked event that is tried again")
    func upcast() async throws {
        try await Jars.with { jars in
            let old = EventKind("JarFilled", 1)
            let broken = try UpcasterChain(
                kinds: [EventKind("JarFilled", 2)],
                upcasters: [
                    Upcaster(stored: old, becomes: [EventKind("JarFilled", 2)]) { _, _, _ in
                        throw ReaderFailure("not yet")
                    }
                ])
            let mended = try UpcasterChain(
                kinds: [EventKind("JarFilled", 2)],
                upcasters: [
                    Upcaster(stored: old, becomes: [EventKind("JarFilled", 2)]) { _, _, _ in
                        [Upcaster.Part(kind: EventKind("JarFilled", 2), payload: Array(#"{"grams":9}"#.utf8))]
                    }
                ])
            try await jars.append([("a", #"{"ounces":1}"#)])
            let store = try jars.store(Jars.Mended.self, .json(broken))
            try jars.apply(store)
            #expect(try jars.parked(store).first?.reason.contains("the upcaster of JarFilled") == true)
            try store.close()
            let next = try jars.store(Jars.Mended.self, .json(mended))
            _ = try next.retry(StreamName("stock/a"), from: jars.reader)
            #expect(try jars.rows(next) == ["a": [9, 1]])
            try next.close()
        }
    }
}
