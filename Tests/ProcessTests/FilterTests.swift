import Foundation
import Testing

extension ProcessTests {
    @Suite("Filters", .serialized, .timeLimit(.minutes(2)))
    struct FilterTests {
        /// Words of a command, its exit code, and what its error names.
        private static let commands: [(words: String, code: Int32, names: String)] = [
            ("query dashboard orders stauts=paid", 4, "status=…"),
            ("query dashboard stock colour=red", 4, "sku=…"),
            ("query dashboard order", 64, "order=…"),
            ("query dashboard ordres", 4, "orders"),
            ("query dashbord revenue", 4, "dashboard"),
            ("history order/filter --field stauts", 4, "status"),
            ("history order/filter --field address.planet", 4, "address"),
            ("why dashboard orders/order/filter stauts", 4, "status"),
            ("why dashboard ordres/order/filter", 4, "orders"),
            ("parked show order/filter --projection dashbord", 4, "dashboard"),
            ("feed partnrs", 4, "partners"),
            ("events tail --type OrderPlaced", 64, "--type"),
        ]

        /// Paths under `/api/v1/` with a parameter that they do not know.
        private static let paths = [
            "events?type=OrderPlaced", "streams/order/filter?type=OrderPlaced", "states/order/filter?stauts=paid",
            "histories/order/filter?feild=status", "traces/last?type=OrderPaid", "projections?state=live",
            "projections/dashboard?partition=1", "ps?role=projection", "timers?stream=order/1",
            "parked?projection=dashboard", "contracts/live?kind=late", "feeds/partners?type=OrderConfirmed",
            "query/dashboard/orders?stauts=paid",
        ]

        @Test("Case 13: A filter on what is not captured is an error that names what is, never an empty answer")
        func notCaptured() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                let order = TestOrder(
                    stream: "order/filter", commandID: "filter", lines: [.init(sku: "A", quantity: 1, unitPrice: 5)])
                try cluster.load([order], name: "filter")
                try cluster.waitUntilCaughtUp()
                for command in Self.commands {
                    let words = command.words.split(separator: " ").map(String.init)
                    let refused = try cluster.begin(words).finish().expecting(command.code)
                    #expect(refused.errors.contains(command.names), "\(command.words): \(refused.errors)")
                    #expect(refused.output.isEmpty, "\(command.words): \(refused.output)")
                }
                let gateway = GatewayClient(cluster: cluster)
                for path in Self.paths {
                    let response = try gateway.get("/api/v1/" + path)
                    let body = String(decoding: response.body, as: UTF8.self)
                    #expect([400, 404].contains(response.status), "\(path): \(response.status) \(body)")
                    #expect(body.contains("arameter"), "\(path): \(body)")
                }
                // A filter that is captured finds it.
                let found = try cluster.roost("query", "dashboard", "orders", "status=shipped", "--json").expecting(0)
                #expect(found.output.contains("order/filter"), "\(found.output)")
            }
        }
    }
}
