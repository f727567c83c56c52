import Roost
import RoostTesting
import Shop
import Testing

@Suite("The shop's projections")
struct ProjectionTests {
    /// Generated orders on six partitions, some cancelled, some shipped again, customers who register and move,
    /// and articles whose description changes.
    private func busyShop(orders: Int = 60) throws -> DomainRun {
        let run = Sample.run()
        var generator = OrderGenerator(seed: 7)
        for (index, order) in try generator.orders(orders).enumerated() {
            try run.send(order)
            guard index % 3 == 0 else { continue }
            try run.send(CancelOrder(reason: "test"), to: order.stream, occurred: order.occurred)
            guard index % 2 == 0 else { continue }
            try run.send(ShipOrder(again: true), to: order.stream)
        }
        for number in 12_000..<12_040 {
            let customer = try StreamName("customer/\(number)")
            try run.send(RegisterCustomer(address: Sample.address), to: customer)
            try run.send(ChangeAddress(address: Address(country: "Norway")), to: customer)
        }
        for number in 0..<12 {
            let line = PlaceOrder.Line(sku: "RENAMED", description: "NAME \(number)", quantity: 1, unitPrice: number)
            try run.send(Sample.placeOrder(lines: [line]), to: StreamName("order/renamed-\(number)"))
        }
        try run.send(ReceiveStock(quantity: 1000, lowThreshold: 20), to: StreamName("stock/RENAMED"))
        return run
    }

    @Test(
        "The tables are the same for every interleaving that keeps the order of each partition",
        arguments: ["dashboard", "analytics", "search"])
    func interleavings(name: String) throws {
        let projection = try #require(ShopDomain.domain.projections.first { $0.name == name })
        let run = try busyShop()
        #expect(run.partitions.allSatisfy { !$0.isEmpty })
        try ProjectionSpec(projection).check(run.partitions, interleavings: 20, seed: 1)
    }

    @Test("Dashboard, analytics and a fold of the log agree on the revenue to the penny")
    func revenue() throws {
        let run = try busyShop()
        var paid: [StreamName: Int] = [:]
        var cancelled: Set<StreamName> = []
        var specs: [StreamName: DeciderSpec<Order>] = [:]
        for event in run.events where event.stream.category == "order" {
            let decoded = try Stored.order(event)
            specs[event.stream] = specs[event.stream, default: DeciderSpec(id: event.stream.id)].given(decoded)
        }
        for (stream, spec) in specs {
            paid[stream] = spec.state.paid
            if spec.state.status == .cancelled { cancelled.insert(stream) }
        }
        let fold = paid.filter { !cancelled.contains($0.key) }.values.reduce(0, +)
        let dashboard = try ProjectionSpec(Dashboard.self).tables(after: run.partitions).query("revenue")
        let analytics = try ProjectionSpec(Analytics.self).tables(after: run.partitions)
        #expect(!cancelled.isEmpty && fold > 0)
        #expect(dashboard.map { $0["revenue"] } == [SQLValue(fold)])
        #expect(try analytics.query("totals").map { $0["revenue"] } == [SQLValue(fold)])
        for period in ["hours", "days", "months"] {
            let rows = try analytics.query(period, ["limit": 10_000])
            #expect(rows.compactMap { $0["revenue"]?.integer }.reduce(0, +) == Int64(fold))
        }
    }

    @Test("The dashboard counts orders by status and shows one order")
    func dashboard() throws {
        let run = Sample.run()
        for number in 1...4 { try run.send(Sample.placeOrder(), to: StreamName("order/\(number)")) }
        try run.send(CancelOrder(reason: "no"), to: StreamName("order/1"))
        try run.send(CancelOrder(reason: "no"), to: StreamName("order/2"))
        try run.send(ShipOrder(again: true), to: StreamName("order/2"))
        let tables = try ProjectionSpec(Dashboard.self).tables(after: run.partitions)
        let overview = try tables.query("overview").map { [$0["status"], $0["orders"], $0["paid"]] }
        #expect(
            overview == [
                ["cancelled", 1, 2040], ["paid", 0, 0], ["placed", 0, 0], ["shipped", 3, 6120],
            ])
        let order = try #require(try tables.query("order", ["order": "2"]).first)
        #expect(order["status"] == "shipped" && order["shipments"] == 2 && order["total"] == 2040)
        #expect(try tables.query("orders", ["status": "cancelled"]).map { $0["stream"] } == ["order/1"])
    }

    @Test("The dashboard flags stock below its threshold")
    func lowStock() throws {
        let run = Sample.run()
        try run.send(ReceiveStock(quantity: 9), to: StreamName("stock/A"))
        try run.send(ReceiveStock(quantity: 10), to: StreamName("stock/B"))
        let tables = try ProjectionSpec(Dashboard.self).tables(after: run.partitions)
        #expect(try tables.query("stock").map { $0["low"] } == [1, 0])
        #expect(try tables.query("stock", ["low": 1]).map { $0["sku"] } == ["A"])
    }

    @Test("An article or order whose number is given as a number is found")
    func numbers() throws {
        let run = Sample.run()
        let line = PlaceOrder.Line(sku: "22041", description: "RECORD FRAME", quantity: 1, unitPrice: 255)
        try run.send(Sample.placeOrder(lines: [line]), to: StreamName("order/17"))
        let dashboard = try ProjectionSpec(Dashboard.self).tables(after: run.partitions)
        let search = try ProjectionSpec(Search.self).tables(after: run.partitions)
        #expect(try dashboard.query("stock", ["sku": 22041]).count == 1)
        #expect(try dashboard.query("order", ["order": 17]).count == 1)
        #expect(try dashboard.query("orders", ["customer": 17850]).count == 1)
        #expect(try search.query("product", ["sku": 22041]).count == 1)
        #expect(try search.query("customer", ["customer": 17850]).count == 1)
        #expect(try search.query("text", ["text": 22041, "kind": "product"]).count == 1)
    }

    @Test("Analytics takes the first and the last moment there is", arguments: [Int64.min, Int64.max])
    func outermostTimes(nanoseconds: Int64) throws {
        let run = Sample.run()
        try run.send(
            Sample.placeOrder(), to: try StreamName("order/1"), occurred: Timestamp(nanoseconds: nanoseconds))
        let tables = try ProjectionSpec(Analytics.self).tables(after: run.partitions)
        #expect(try tables.query("hours").count == 1)
    }

    @Test("Analytics buckets by occurred time and measures by recorded time")
    func analytics() throws {
        let run = Sample.run()
        let order = try StreamName("order/1")
        try run.send(Sample.placeOrder(), to: order, occurred: Timestamp("2010-12-01T08:26:00Z"))
        try run.send(CancelOrder(reason: "no"), to: order, occurred: Timestamp("2010-12-31T23:59:59Z"))
        try run.send(ShipOrder(again: true), to: order, occurred: Timestamp("2011-01-01T00:00:00Z"))
        let tables = try ProjectionSpec(Analytics.self).tables(after: run.partitions)
        let hours = try tables.query("hours")
        #expect(hours.map { $0["period"] } == ["2011-01-01T00:00Z", "2010-12-31T23:00Z", "2010-12-01T08:00Z"])
        #expect(hours.map { $0["revenue"] } == [0, 0, 2040])
        #expect(hours.map { $0["shippedAgain"] } == [1, 0, 0])
        #expect(hours.map { $0["cancellations"] } == [0, 1, 0])
        #expect(hours.map { $0["placedToShippedLeastMilliseconds"] } == [.null, .null, .real(2)])
        #expect(try tables.query("months").map { $0["period"] } == ["2011-01", "2010-12"])
        #expect(try tables.query("days", ["from": "2010-12-31"]).count == 2)
        #expect(try tables.query("months", ["from": 2011]).map { $0["period"] } == ["2011-01"])
    }
}
