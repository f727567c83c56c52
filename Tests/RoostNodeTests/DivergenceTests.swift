import Foundation
import RoostCore
import RoostLog
import Shop
import Synchronization
import Testing

@testable import RoostNode

@Suite("A live projection that is not what the log makes of it", .timeLimit(.minutes(1)))
struct DivergenceTests {
    /// Makes a live projection in which something happens to the second event of a type.
    private static func live(
        _ type: String, _ harm: @escaping (ProjectionStore, RecordedEvent, PartitionID) throws -> Void
    ) -> (ProjectionStore, [any PartitionReader]) throws -> Void {
        { live, readers in
            var count = 0
            for reader in readers {
                try live.transaction {
                    for event in try reader.events(after: .start, limit: 10_000) {
                        count += event.type == type ? 1 : 0
                        if event.type == type, count == 2 {
                            try harm(live, event, reader.partition)
                        } else {
                            try live.apply(CollectionOfOne(event), of: reader.partition)
                        }
                    }
                }
            }
        }
    }

    @Test("that missed one event: the event is named, and the rows that show it")
    func missed() async throws {
        var missed: EventID?
        try await RebuilderTests.withLive(
            orders: 8,
            made: Self.live("OrderPaid") { live, event, partition in
                missed = event.eventID
                live.miss(event, of: partition)
            }
        ) { rebuilder, _ in
            let result = try await rebuilder.run { _, _ in }
            #expect(!result.isEqual && !result.differences.isEmpty)
            let order = try #require(result.differences.first { $0.row.table == "orders" })
            #expect(order.cause == "missed" && order.event?.event.eventID == missed)
            #expect(order.row.live != nil && order.row.rebuilt != nil)
        }
    }

    @Test("that applied one event twice: the event is named")
    func twice() async throws {
        var doubled: EventID?
        try await RebuilderTests.withLive(
            orders: 8,
            made: Self.live("InventoryDecremented") { live, event, partition in
                doubled = event.eventID
                try live.apply(CollectionOfOne(event), of: partition)
                try live.applyAgain(event, of: partition)
            }
        ) { rebuilder, _ in
            let result = try await rebuilder.run { _, _ in }
            let stock = try #require(result.differences.first { $0.row.table == "stock" })
            #expect(stock.cause == "appliedTwice" && stock.event?.event.eventID == doubled)
            #expect(result.tables.map(\.name) == result.liveTables.map(\.name))
            #expect(zip(result.tables, result.liveTables).filter { $0 != $1 }.map(\.0.name) == ["stock"])
        }
    }

    @Test("whose row was changed, added or removed by hand: no event is blamed")
    func byHand() async throws {
        for sql in [
            "UPDATE stock SET level = level + 4711", "DELETE FROM stock WHERE sku = 'A0'",
            "INSERT INTO stock VALUES('Z',1,1,1,1,1)", "DELETE FROM orders WHERE stream = 'order/3'",
        ] {
            try await RebuilderTests.withLive(orders: 8) { rebuilder, files in
                try RebuilderTests.edit(sql, files)
                let result = try await rebuilder.run { _, _ in }
                #expect(!result.isEqual && result.differences.count == (sql.hasPrefix("UPDATE") ? 3 : 1), "\(sql)")
                #expect(result.differences.allSatisfy { $0.cause == "handEdited" && $0.event == nil }, "\(sql)")
            }
        }
    }

    /// The row is what a missed OrderPaid leaves, though the counters say that it was not missed.
    @Test("whose row was changed by hand is not explained by an event that would have changed other rows as well")
    func likeMissed() async throws {
        try await RebuilderTests.withLive(orders: 8) { rebuilder, files in
            try RebuilderTests.edit("UPDATE orders SET paid = 0 WHERE stream = 'order/3'", files)
            let result = try await rebuilder.run { _, _ in }
            #expect(result.differences.map(\.cause) == ["handEdited"] && result.differences[0].row.table == "orders")
        }
    }

    @Test("with more rows than are looked into has each of the first named, and no event blamed")
    func many() async throws {
        try await RebuilderTests.withLive(orders: 30) { rebuilder, files in
            try RebuilderTests.edit("UPDATE orders SET total = total + 1", files)
            let result = try await rebuilder.run { _, _ in }
            #expect(result.differences.count == 20)
            #expect(result.differences.prefix(5).allSatisfy { $0.cause == "handEdited" })
            #expect(result.differences.dropFirst(5).allSatisfy { $0.cause == "unknown" })
        }
    }

    /// The last writer wins, whichever partition that is.
    private enum LastWriter: Projection {
        static let name = "last"
        static let tables = [
            TableDefinition("last", key: ["id"], sql: "CREATE TABLE last(id INTEGER PRIMARY KEY, stream TEXT NOT NULL)")
        ]
        static let queries: [ProjectionQuery] = []
        static let routes: [ProjectionRoute] = ["OrderPlaced", "InventoryDecremented"].map { type in
            .on(type) { event, tables in
                try tables.run("INSERT OR REPLACE INTO last VALUES(1, ?)", .text(event.stream.description))
            }
        }
    }

    @Test("whose handler depends on the order of partitions is called so")
    func order() async throws {
        try await RebuilderTests.withLive(
            orders: 8, of: LastWriter.self,
            made: { live, readers in try RebuilderTests.applyAll(live, readers.reversed()) }
        ) { rebuilder, _ in
            let result = try await rebuilder.run { _, _ in }
            #expect(result.differences.map(\.cause) == ["orderDependent"])
        }
    }

    private static let calls = Mutex(0)

    /// Counts its own calls, which no event tells.
    private enum Moody: Projection {
        static let name = "moody"
        static let tables = [
            TableDefinition("moods", key: ["id"], sql: "CREATE TABLE moods(id INTEGER PRIMARY KEY, calls INTEGER)")
        ]
        static let queries: [ProjectionQuery] = []
        static let routes: [ProjectionRoute] = [
            .on("OrderPlaced") { _, tables in
                let number = calls.withLock { calls in
                    calls += 1
                    return calls
                }
                try tables.run("INSERT OR REPLACE INTO moods VALUES(1, ?)", SQLValue(number))
            }
        ]
    }

    @Test("whose handler does not make the same of the same events is called so")
    func nonDeterministic() async throws {
        try await RebuilderTests.withLive(orders: 8, of: Moody.self) { rebuilder, _ in
            let result = try await rebuilder.run { _, _ in }
            #expect(result.differences.map(\.cause) == ["nonDeterministic"])
        }
    }
}
