import Foundation
import Testing

extension ClusterUnderTest {
    /// Everything that has to hold after any failure: all acknowledged orders are there and went their whole way, once;
    /// the log is intact; law 5 balances; projections agree with the log. Returns the log's fold.
    @discardableResult
    func expectNothingLostNothingTwice(_ orders: [TestOrder], loads: Int = 1) throws -> LogFold {
        try waitUntilCaughtUp()
        try expectIntactLog()
        try roost("contracts", "check").expecting(0)
        try expectBalance()
        let fold = try LogFold(self)
        try expectChains(fold, lines: orders.reduce(0) { $0 + $1.lines.count })
        try #require(Set(fold.placed.keys) == Set(orders.map(\.stream)), "the orders placed are not those acknowledged")
        try #require(fold.total == orders.reduce(0) { $0 + $1.total })
        try expectProjectionsAgree(fold)
        return fold
    }

    func expectIntactLog() throws {
        let report = try roost("log", "verify", "--json").expecting(0).document(VerifyReport.self)
        try #require(report.ok && report.findings.isEmpty, "\(report.findings)")
    }

    /// For a cluster that cannot account for every event, and so is never caught up. The log has stopped growing by then.
    func waitUntilAtHeads() throws {
        var heads: UInt64?
        try eventually("every reader is at the heads, and stays there") {
            let report = try roost("projections", "--json").expecting(0).document(ProjectionsReport.self)
            let before = heads
            heads = try LogFold.heads(self)
            return heads == before && report.projections.flatMap(\.partitions).allSatisfy { $0.pending == 0 }
        }
    }

    /// Law 5 with nothing pending, for every reader and partition.
    func expectBalance() throws {
        let report = try roost("projections", "--json").expecting(0).document(ProjectionsReport.self)
        for reader in report.projections {
            for partition in reader.partitions {
                try #require(partition.balances && partition.pending == 0, "\(reader.name): \(partition)")
            }
        }
    }

    /// Every order was placed, paid and shipped once, and the stock decremented once for each of its lines, in one
    /// chain.
    func expectChains(_ fold: LogFold, lines: Int) throws {
        let orders = fold.placed.count
        try #require(fold.placed.values.allSatisfy { $0 == 1 }, "orders were placed twice")
        try #require(fold.types["OrderPlaced"] == orders || orders == 0)
        try #require(fold.types["OrderPaid"] == fold.types["OrderPlaced"], "\(fold.types)")
        try #require(fold.types["OrderShipped"] == fold.types["OrderPlaced"], "\(fold.types)")
        try #require(fold.paid == fold.total)
        try #require(fold.shipped.count == lines)
        try #require(Set(fold.decremented.keys) == fold.shipped, "stock was not decremented for the lines shipped")
        try #require(fold.decremented.values.allSatisfy { $0 == 1 }, "stock was decremented twice for a line")
        try #require(fold.withoutCause.isEmpty, "\(fold.withoutCause.prefix(5))")
        try #require(fold.chains.count == orders && fold.torn.isEmpty, "an order has one chain, a chain one order")
    }

    private struct Revenue: Decodable { let revenue: Int }
    private struct Level: Decodable {
        let sku: String
        let level: Int
        let shippedLines: Int
    }

    /// Dashboard and, where it runs, analytics say what the log says.
    func expectProjectionsAgree(_ fold: LogFold) throws {
        let dashboard = try query("dashboard", "revenue", as: Revenue.self)
        try #require(dashboard.map(\.revenue) == [fold.paid])
        if try ps().processes.contains(where: { $0.name == "analytics" }) {
            let analytics = try query("analytics", "totals", as: Revenue.self)
            try #require(analytics.map(\.revenue) == [fold.paid])
        }
        let stock = try query("dashboard", "stock", "limit=100000", as: Level.self)
        try #require(stock.reduce(0) { $0 + $1.shippedLines } == fold.decremented.count)
        try #require(Dictionary(uniqueKeysWithValues: stock.map { ($0.sku, $0.level) }) == fold.levels)
    }

    func query<Row: Decodable & Sendable>(_ words: String..., as row: Row.Type) throws -> [Row] {
        try begin(["query"] + words + ["--json"]).finish().expecting(0).document(QueryReport<Row>.self).rows
    }
}
