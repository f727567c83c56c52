import Foundation
import RoostCore
import Testing

extension ProcessTests {
    @Suite("Kill", .serialized, .timeLimit(.minutes(5)))
    struct KillTests {
        private static let moments = 20

        @Test("Writers killed at twenty moments each lose nothing acknowledged and apply nothing twice")
        func writers() throws { try killing(["orders", "stock"]) }

        @Test("A reactor and projections killed at twenty moments each miss nothing and apply nothing twice")
        func readers() throws { try killing(["fulfilment", "dashboard", "analytics", "search"]) }

        @Test("What a gateway acknowledged is there although it was killed twenty times, once for each key")
        func gateway() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                var killer = Killer(cluster)
                let flow = OrderFlow(cluster) { orders, _ in
                    for order in orders { try Self.insist(order, cluster) }
                }
                let orders = try flow.during("http", ordersPerRound: 5) {
                    for _ in 0..<Self.moments { try killer.kill("gateway") }
                }
                try killer.expectAllBack()
                try cluster.expectNothingLostNothingTwice(orders)
            }
        }

        @Test("A replay process killed at twenty moments harms nobody, and rebuilds work again afterwards")
        func replay() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                var killer = Killer(cluster)
                let orders = try OrderFlow.loading(cluster).during("replay") {
                    for moment in 0..<Self.moments {
                        let rebuild = moment % 5 == 0 ? try cluster.begin(["rebuild", "dashboard", "--json"]) : nil
                        defer { rebuild?.end() }
                        try killer.kill("replay")
                        _ = try rebuild?.finish()
                    }
                }
                try cluster.waitUntilCaughtUp()
                let report = try cluster.roost("rebuild", "dashboard", "--json").expecting(0)
                    .document(RebuildReport.self)
                #expect(report.verdict == "equal")
                try killer.expectAllBack()
                try cluster.expectNothingLostNothingTwice(orders)
            }
        }

        @Test("A killed supervisor takes its children along; the next one goes on where they were")
        func supervisor() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                let flow = OrderFlow(cluster) { orders, round in
                    // While there is no supervisor a load is refused; then it is done again.
                    try eventually("load \(round)") { (try? cluster.load(orders, name: "round-\(round)")) != nil }
                }
                let orders = try flow.during("supervisor") {
                    for events in [30, 70] {
                        try cluster.waitForNewEvents(events)
                        let supervisor = try #require(cluster.supervisor)
                        let children = try cluster.ps().processes.compactMap(\.pid)
                        try #require(kill(supervisor.pid, SIGKILL) == 0)
                        try eventually("children end: \(cluster.processes())") {
                            Set(cluster.processes().map(\.pid)).isDisjoint(with: children + [supervisor.pid])
                        }
                        try cluster.up()
                    }
                }
                try cluster.expectNothingLostNothingTwice(orders)
                try cluster.down()
            }
        }

        private func killing(_ names: [String]) throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                var killer = Killer(cluster)
                let orders = try OrderFlow.loading(cluster).during(names[0]) {
                    for _ in 0..<Self.moments {
                        for name in names { try killer.kill(name) }
                    }
                }
                try killer.expectAllBack()
                try cluster.expectNothingLostNothingTwice(orders)
            }
        }

        /// Sends an order with the same key until it is accepted.
        private static func insist(_ order: TestOrder, _ cluster: ClusterUnderTest) throws {
            try eventually("\(order.stream) accepted over HTTP") {
                guard
                    let response = try? GatewayClient(cluster: cluster).post(order.body, key: order.commandID),
                    response.status == 200
                else { return false }
                return try response.decode(SentReport.self).outcome == "accepted"
            }
        }
    }
}
