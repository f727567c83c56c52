import ClientScenario
import Foundation
import InMemoryTracing
import Roost
import Shop
import Synchronization
import Testing
import Tracing

extension ProcessTests {
    @Suite("A Swift program as a client", .serialized, .timeLimit(.minutes(2)))
    struct ConnectionTests {
        /// A cluster that outlives the synchronous part of a test.
        private static func with(
            _ body: @escaping @Sendable (ClusterConnection, ClusterUnderTest) async throws -> Void
        ) async throws {
            let home = "/tmp/rt-home-\(UUID().uuidString.prefix(8))"
            let cluster = ClusterUnderTest(home: home, name: "shop", files: home)
            try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
            try Data(TestTopology.shop().text.utf8).write(to: URL(fileURLWithPath: cluster.topologyFile))
            defer { #expect(throws: Never.self) { try FileManager.default.removeItem(atPath: home) } }
            try cluster.up()
            do {
                try await ClusterConnection.open(cluster.directory, domain: ShopDomain.domain) {
                    try await body($0, cluster)
                }
            } catch {
                try cluster.down()
                throw error
            }
            try cluster.down()
        }

        private final class Counter: Sendable { let value = Atomic(0) }

        @Test("Many who change one stream at once lose nothing: whoever comes second loads and decides again")
        func retryWithReload() async throws {
            try await Self.with { shop, _ in
                let decisions = Counter()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<12 {
                        group.addTask {
                            let receipt = try await shop.update(Stock.self, id: "S", attemptsMax: 100) { state, _ in
                                decisions.value.add(1, ordering: .relaxed)
                                // What is received depends on what is there: 1, then 2, then 3 …
                                return ReceiveStock(quantity: state.level + 1)
                            }
                            #expect(receipt?.events == 1)
                        }
                    }
                    try await group.waitForAll()
                }
                let (state, version) = try shop.state(of: Stock.self, id: "S")
                // Each doubles and adds one, so the sum tells whether one of them saw an old state.
                #expect(state.level == (1 << 12) - 1 && version.rawValue >= 12, "\(state)")
                #expect(decisions.value.load(ordering: .relaxed) > 12)
            }
        }

        @Test("A receipt lets a query wait; a rejection says why; a command ID is executed once")
        func receipts() async throws {
            try await Self.with { shop, _ in
                let stream = try StreamName("stock/T")
                let id = try CommandID("once")
                let receipt = try await shop.send(
                    ReceiveStock(quantity: 7), to: stream, expecting: .noStream, commandID: id)
                let again = try await shop.send(
                    ReceiveStock(quantity: 7), to: stream, expecting: .noStream, commandID: id)
                #expect(receipt == again)
                let rows = try await shop.query("dashboard", "stock", ["sku": "T"], after: receipt)
                #expect(rows.map { $0["level"] } == [7])
                let rejection = await #expect(throws: CommandFailure.self) {
                    try await shop.send(ReceiveStock(quantity: -1), to: stream, expecting: .any)
                }
                #expect(rejection?.outcome == .rejected && rejection?.mayBeRetried == false)
                let conflict = await #expect(throws: CommandFailure.self) {
                    try await shop.send(ReceiveStock(quantity: 1), to: stream, expecting: .noStream)
                }
                #expect(conflict?.outcome == .conflict && conflict?.version == receipt.version)
                let nothing = try await shop.update(Stock.self, id: "T") { _, _ in nil }
                #expect(nothing == nil)
                #expect(try shop.state(of: Stock.self, id: "unknown").version == .none)
            }
        }

        @Test("A command sent within a span carries it, and so does every event that follows in other processes")
        func span() async throws {
            try await Self.with { shop, cluster in
                let tracer = W3CTracer()
                let line = PlaceOrder.Line(sku: "S", quantity: 1, unitPrice: 5)
                let order = PlaceOrder(customer: nil, address: Address(country: "France"), lines: [line])
                let receipt = try await withTracer(tracer) {
                    try await withSpan("checkout") { _ in
                        try await shop.send(order, to: StreamName("order/1"), expecting: .noStream)
                    }
                }
                let untraced = try await shop.send(order, to: StreamName("order/2"), expecting: .noStream)
                try cluster.waitUntilCaughtUp()
                let span = try #require(tracer.recorded.finishedSpans.first)
                for (receipt, traceparent) in [(receipt, "00-\(span.traceID)-\(span.spanID)-01"), (untraced, nil)] {
                    let chain = try #require(receipt.correlationID).description
                    let trace = try cluster.roost("trace", chain, "--json").expecting(0).document(TraceReport.self)
                    #expect(Set(trace.events.map(\.traceparent)) == [traceparent])
                    #expect(trace.events.contains { $0.type == "InventoryDecremented" })
                }
            }
        }
    }
}
