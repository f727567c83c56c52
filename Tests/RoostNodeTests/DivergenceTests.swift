import Foundation
import GRDB
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

    /// Makes a live projection that has missed one payment.
    private static func missingPayment(
        _ note: @escaping (EventID) -> Void
    ) -> (ProjectionStore, [any PartitionReader]) throws -> Void {
        live("OrderPaid") { live, event, partition in
            note(event.eventID)
            live.miss(event, of: partition)
        }
    }

    @Test("that missed one event: the event is named, and the rows that show it")
    func missed() async throws {
        var missed: EventID?
        try await RebuilderTests.withLive(
            orders: 8,
            made: Self.missingPayment { missed = $0 }
        ) { rebuilder, _ in
            let result = try await rebuilder.run { _, _ in }
            #expect(!result.isEqual && !result.explanation.rows.isEmpty)
            let order = try #require(result.explanation.rows.first { $0.difference.table == "orders" })
            #expect(order.cause == "missed" && order.event?.event.eventID == missed)
            #expect(order.difference.live != nil && order.difference.rebuilt != nil)
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
            let stock = try #require(result.explanation.rows.first { $0.difference.table == "stock" })
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
                #expect(!result.isEqual && result.explanation.rows.count == (sql.hasPrefix("UPDATE") ? 3 : 1), "\(sql)")
                #expect(result.explanation.rows.allSatisfy { $0.cause == "handEdited" && $0.event == nil }, "\(sql)")
            }
        }
    }

    /// The row is what a missed OrderPaid leaves, though the counters say that it was not missed.
    @Test("whose row was changed by hand is not explained by an event that would have changed other rows as well")
    func likeMissed() async throws {
        try await RebuilderTests.withLive(orders: 8) { rebuilder, files in
            try RebuilderTests.edit("UPDATE orders SET paid = 0 WHERE stream = 'order/3'", files)
            let result = try await rebuilder.run { _, _ in }
            #expect(
                result.explanation.rows.map(\.cause) == ["handEdited"]
                    && result.explanation.rows[0].difference.table == "orders")
        }
    }

    @Test("with more rows than are named has the first of them named, and no event blamed")
    func many() async throws {
        try await RebuilderTests.withLive(orders: 30) { rebuilder, files in
            try RebuilderTests.edit("UPDATE orders SET total = total + 1", files)
            let result = try await rebuilder.run { _, _ in }
            #expect(result.explanation.rows.count == 20)
            #expect(result.explanation.rows.allSatisfy { $0.cause == "handEdited" && $0.event == nil })
            #expect(result.explanation.partings.map(\.cause) == ["handEdited"])
        }
    }

    @Test("that missed one event and was changed by hand: each row says which of the two it shows")
    func missedAndByHand() async throws {
        var missed: EventID?
        try await RebuilderTests.withLive(
            orders: 8,
            made: Self.missingPayment { missed = $0 }
        ) { rebuilder, files in
            try RebuilderTests.edit("UPDATE stock SET level = level + 4711 WHERE sku = 'A0'", files)
            let explanation = try await rebuilder.run { _, _ in }.explanation
            #expect(explanation.partings.map(\.cause) == ["missed", "handEdited"])
            let causes = Dictionary(grouping: explanation.rows, by: \.difference.table).mapValues {
                Set($0.map(\.cause))
            }
            #expect(causes["orders"] == ["missed"] && causes["stock"] == ["handEdited"])
            let order = try #require(explanation.rows.first { $0.difference.table == "orders" })
            #expect(order.event?.event.eventID == missed && order.before != order.after)
        }
    }

    @Test("that missed several events in a row, as a hole in what it heard leaves them out: all of them are named")
    func missedRun() async throws {
        var missed: [EventID] = []
        try await RebuilderTests.withLive(
            orders: 12,
            made: { live, readers in
                for reader in readers {
                    let events = try reader.events(after: .start, limit: 10_000)
                    try live.transaction {
                        for (index, event) in events.enumerated() {
                            if event.type.hasPrefix("Order"), (3..<7).contains(index) {
                                missed.append(event.eventID)
                                live.miss(event, of: reader.partition)
                            } else {
                                try live.apply(CollectionOfOne(event), of: reader.partition)
                            }
                        }
                    }
                }
            }
        ) { rebuilder, _ in
            let parting = try #require(try await rebuilder.run { _, _ in }.explanation.partings.first)
            #expect(parting.cause == "missed" && parting.events.map(\.event.eventID) == missed && missed.count == 4)
        }
    }

    @Test("is followed along its journal to the one batch in which it parted")
    func stretch() async throws {
        var missed: Position?
        try await RebuilderTests.withLive(
            orders: 40,
            made: { live, readers in
                for reader in readers {
                    for event in try reader.events(after: .start, limit: 10_000) {
                        try live.transaction {
                            guard missed == nil, event.type == "OrderShipped", event.position.rawValue > 50 else {
                                return try live.apply(CollectionOfOne(event), of: reader.partition)
                            }
                            missed = event.position
                            live.miss(event, of: reader.partition)
                        }
                    }
                }
            }
        ) { rebuilder, _ in
            let parting = try #require(try await rebuilder.run { _, _ in }.explanation.partings.first)
            let stretch = try #require(parting.stretch)
            #expect(parting.cause == "missed" && parting.events.map(\.event.position) == [missed])
            #expect(stretch.events == 1 && stretch.through.values.contains { $0 == missed })
        }
    }

    /// Counts what the next build leaves out: orders by country.
    private enum Countries: Projection {
        static let name = "countries"
        static let tables = [
            TableDefinition("seen", key: ["stream"], sql: "CREATE TABLE seen(stream TEXT PRIMARY KEY, events INTEGER)")
        ]
        static let queries: [ProjectionQuery] = []
        static let routes: [ProjectionRoute] = routes(by: 1)

        static func routes(by step: Int64) -> [ProjectionRoute] {
            ["OrderPlaced", "OrderPaid"].map { type in
                .on(type) { event, tables in
                    try tables.run(
                        "INSERT INTO seen VALUES(?1, ?2) ON CONFLICT DO UPDATE SET events = events + ?2",
                        .text(event.stream.description), .integer(type == "OrderPaid" ? step : 1))
                }
            }
        }
    }

    /// The same with other code, for which nobody has raised the revision.
    private enum OtherCountries: Projection {
        static let name = Countries.name
        static let tables = Countries.tables
        static let queries: [ProjectionQuery] = []
        static let routes: [ProjectionRoute] = Countries.routes(by: 5)
    }

    @Test("that other code has made is called so, with the batch and the only event in it that can show it")
    func codeChanged() async throws {
        try await RebuilderTests.withLive(
            orders: 6, of: Countries.self, liveBuild: "old", build: "new",
            made: { live, readers in
                // Made by other code, a transaction for each event.
                let other = try ProjectionStore(
                    OtherCountries.self, path: live.store.queue.path, logID: LogID(bits: 7), codec: .json, build: "old")
                for reader in readers {
                    for event in try reader.events(after: .start, limit: 10_000) {
                        try other.transaction { try other.apply(CollectionOfOne(event), of: reader.partition) }
                    }
                }
                try other.close()
            }
        ) { rebuilder, _ in
            let explanation = try await rebuilder.run { _, _ in }.explanation
            let parting = try #require(explanation.partings.first)
            #expect(parting.cause == "codeChanged" && parting.stretch?.build == "old" && parting.stretch?.events == 1)
            #expect(parting.events.map(\.event.type) == ["OrderPaid"])
            #expect(explanation.rows.count == 6 && explanation.rows.allSatisfy { $0.cause == "codeChanged" })
        }
    }

    @Test("whose journal was not kept yet is explained by experiments with the whole log")
    func withoutJournal() async throws {
        var missed: EventID?
        try await RebuilderTests.withLive(
            orders: 8, liveBuild: nil,
            made: Self.missingPayment { missed = $0 }
        ) { rebuilder, _ in
            let parting = try #require(try await rebuilder.run { _, _ in }.explanation.partings.first)
            #expect(parting.cause == "missed" && parting.events.map(\.event.eventID) == [missed])
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

    @Test("that missed events at several places has each named, and each row the one that it shows")
    func severalPlaces() async throws {
        var (missed, paid): ([EventID], Int) = ([], 0)
        try await RebuilderTests.withLive(
            orders: 40,
            made: { live, readers in
                for reader in readers {
                    for event in try reader.events(after: .start, limit: 10_000) {
                        try live.transaction {
                            paid += event.type == "OrderPaid" ? 1 : 0
                            guard event.type == "OrderPaid", paid % 7 == 0, missed.count < 3 else {
                                return try live.apply(CollectionOfOne(event), of: reader.partition)
                            }
                            missed.append(event.eventID)
                            live.miss(event, of: reader.partition)
                        }
                    }
                }
            }
        ) { rebuilder, _ in
            let explanation = try await rebuilder.run { _, _ in }.explanation
            #expect(explanation.partings.map(\.cause) == ["missed", "missed", "missed"])
            #expect(explanation.partings.flatMap(\.events).map(\.event.eventID) == missed && missed.count == 3)
            let orders = explanation.rows.filter { $0.difference.table == "orders" }
            #expect(orders.count == 3 && Set(orders.compactMap { $0.event?.event.eventID }) == Set(missed))
            for row in orders {
                #expect(row.event.map { SQLValue(String(describing: $0.event.stream)) } == row.difference.key.first)
            }
        }
    }

    @Test("that missed more than are looked for says of the others that it does not know")
    func tooManyPlaces() async throws {
        try await RebuilderTests.withLive(
            orders: 60,
            made: { live, readers in
                var count = 0
                for reader in readers {
                    for event in try reader.events(after: .start, limit: 10_000) {
                        try live.transaction {
                            count += event.type == "OrderPaid" ? 1 : 0
                            if event.type == "OrderPaid", count % 4 == 0, count <= 32 {
                                live.miss(event, of: reader.partition)
                            } else {
                                try live.apply(CollectionOfOne(event), of: reader.partition)
                            }
                        }
                    }
                }
            }
        ) { rebuilder, _ in
            let explanation = try await rebuilder.run { _, _ in }.explanation
            #expect(explanation.partings.map(\.cause) == Array(repeating: "missed", count: 5) + ["unknown"])
            let orders = explanation.rows.filter { $0.difference.table == "orders" }
            #expect(orders.count == 8 && orders.filter { $0.cause == "missed" }.count == 5)
            #expect(orders.filter { $0.cause == "unknown" }.allSatisfy { $0.event == nil })
        }
    }

    @Test("whose order of partitions shows only after a batch that both share is called order dependent")
    func laterOrder() async throws {
        try await RebuilderTests.withLive(
            orders: 12, of: LastWriter.self,
            made: { live, readers in
                func take(_ place: Int, _ range: Range<Int>) throws {
                    let page = try readers[place].events(after: .start, limit: 10_000)
                    try live.apply(Array(page)[range], of: readers[place].partition)
                }
                let counts = try readers.map { try $0.events(after: .start, limit: 10_000).count }
                let places = counts.indices.filter { counts[$0] > 3 }
                let (first, second) = (places[0], places[1])
                try live.transaction { try take(first, 0..<2) }
                try live.transaction { try take(second, 0..<2) }
                try live.transaction { try take(first, 2..<3) }
                // One batch with both, in which the first partition came last.
                try live.transaction {
                    try take(second, 2..<counts[second])
                    try take(first, 3..<counts[first])
                }
            }
        ) { rebuilder, _ in
            let explanation = try await rebuilder.run { _, _ in }.explanation
            #expect(explanation.partings.map(\.cause) == ["orderDependent"])
            #expect(explanation.partings.first?.stretch?.batch == 4)
        }
    }

    @Test("whose handler depends on the order of partitions is called so")
    func order() async throws {
        try await RebuilderTests.withLive(
            orders: 8, of: LastWriter.self,
            made: { live, readers in try RebuilderTests.applyAll(live, readers.reversed()) }
        ) { rebuilder, _ in
            let result = try await rebuilder.run { _, _ in }
            #expect(result.explanation.rows.map(\.cause) == ["orderDependent"])
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
            #expect(result.explanation.rows.map(\.cause) == ["nonDeterministic"])
        }
    }
}
