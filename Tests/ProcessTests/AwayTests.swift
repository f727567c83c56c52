import Foundation
import RoostCore
import RoostLog
import RoostLogSQLite
import Testing

extension ProcessTests {
    @Suite("Away", .serialized, .timeLimit(.minutes(2)))
    struct AwayTests {
        @Test("A writer that stays away holds up its own orders alone, and they go on when it is back")
        func writerAway() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                try cluster.roost("stop", "fulfilment").expecting(0)
                var random = SeededOrders("away")
                let orders = random.next(60)
                try cluster.load(orders, name: "away")
                try cluster.roost("stop", "orders-0").expecting(0)
                // Ready means that it has caught up: not before every owner is there.
                let starting = try cluster.begin(["start", "fulfilment"])
                defer { starting.end() }
                let here = try Self.orders(orders, of: cluster) { $0 > 2 }
                try eventually("orders of orders-1 are through") {
                    let fold = try LogFold(cluster)
                    return here.allSatisfy { order in
                        order.lines.indices.allSatisfy { fold.decremented["\(order.stream) line \($0 + 1)"] == 1 }
                    }
                }
                #expect(try LogFold(cluster).types["OrderPaid"] == here.count)
                let waiting = try cluster.wait("says what it waits for", for: "fulfilment") {
                    $0.waitingFor?.contains("to partition") == true
                }
                #expect(!waiting.ready && waiting.waitingFor?.contains("roost ps") == true, "\(waiting)")
                try cluster.roost("start", "orders-0").expecting(0)
                try starting.finish().expecting(0)
                try cluster.expectNothingLostNothingTwice(orders)
            }
        }

        private static func orders(
            _ orders: [TestOrder], of cluster: ClusterUnderTest, where isWanted: (UInt32) -> Bool
        ) throws -> [TestOrder] {
            let placement = try SQLiteLog.open(at: cluster.directory + "/log").identity.placement
            return try orders.filter { order in
                placement.partition(of: try StreamName(order.stream)).map { isWanted($0.rawValue) } ?? false
            }
        }
    }
}
