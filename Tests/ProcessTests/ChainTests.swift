import Foundation
import Testing

extension ProcessTests {
    @Suite("Chain", .serialized, .timeLimit(.minutes(2)))
    struct ChainTests {
        @Test("One order becomes one chain over several processes, and trace, events and queries tell the same of it")
        func oneOrder() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                var random = SeededOrders("chain")
                let order = random.next()
                let correlation = "0123456789abcdef0123456789abcdef"
                let sent = try cluster.roost(
                    "send", "PlaceOrder", order.data, "--to", order.stream, "--correlation", correlation, "--wait-for",
                    "dashboard", "--json"
                ).expecting(0).document(SentReport.self)
                #expect(sent.outcome == "accepted" && sent.events == 1 && sent.version == 1)
                try cluster.waitUntilCaughtUp()
                let trace = try cluster.roost("trace", correlation, "--json").expecting(0).document(TraceReport.self)
                try expect(trace, of: order)
                let last = try cluster.roost("trace", "--last", "--json").expecting(0).document(TraceReport.self)
                #expect(last.events.map(\.eventID) == trace.events.map(\.eventID))
                try expectEvents(of: order, in: trace, cluster)
                try cluster.expectNothingLostNothingTwice([order])
            }
        }

        private func expect(_ trace: TraceReport, of order: TestOrder) throws {
            let types = trace.events.map(\.type).filter { $0 != "StockLow" }
            let decrements = Array(repeating: "InventoryDecremented", count: order.lines.count)
            #expect(types == ["OrderPlaced", "OrderPaid", "OrderShipped"] + decrements)
            #expect(trace.complete)
            #expect(Set(trace.events.map(\.correlationID)) == [trace.correlationID])
            let known = Set(trace.events.map(\.eventID))
            #expect(trace.events.filter { $0.causationID == nil }.map(\.type) == ["OrderPlaced"])
            #expect(trace.events.compactMap(\.causationID).allSatisfy { known.contains($0) })
            let writers = Set(trace.events.compactMap(\.process))
            #expect(writers.contains("stock-0") && writers.contains { $0.hasPrefix("orders-") })
            let readers = Set(trace.events.flatMap(\.appliedBy))
            #expect(readers.isSuperset(of: ["dashboard", "analytics", "search", "fulfilment"]))
        }

        private func expectEvents(of order: TestOrder, in trace: TraceReport, _ cluster: ClusterUnderTest) throws {
            let stream = try cluster.roost("events", "stream", order.stream, "--json").expecting(0)
                .document(EventsReport.self)
            #expect(stream.events.map(\.version) == [1, 2, 3])
            #expect(stream.events.map(\.eventID) == trace.events.prefix(3).map(\.eventID))
            let one = try cluster.roost("events", "show", stream.events[1].eventID, "--json").expecting(0)
                .document(EventsReport.self)
            #expect(one.events.map(\.type) == ["OrderPaid"])
        }
    }
}
