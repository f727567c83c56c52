import RoostCore
import RoostLog
import Testing

@testable import RoostTrace

@Suite struct TraceTests {
    @Test("A chain whose causes resolve and that every reader has passed is complete")
    func complete() throws {
        let passed = reader("dashboard", ["OrderPlaced"], through: [0: 12, 6: 5, 7: 9])
        let trace = try ChainBuilder.order().trace(readers: [passed])
        #expect(trace.complete)
        #expect(trace.events.map(\.type).first == "OrderPlaced")
        #expect(trace.processes == ["dashboard", "orders-0", "stock-0"])
    }

    @Test("A missing cause makes a trace incomplete and is named")
    func missingCause() throws {
        var chain = try ChainBuilder.order()
        chain.events.removeAll { $0.1.type == "OrderPaid" }
        let trace = chain.trace()
        #expect(!trace.complete)
        #expect(trace.missingCauses == [EventID(bits: 2)])
        #expect(TraceText(trace).text.contains("cause 00000000-0000-0000-0000-000000000002 is missing"))
    }

    @Test("A reader one event behind makes a trace incomplete and is named")
    func readerBehind() throws {
        let behind = reader("search", ["InventoryDecremented"], through: [0: 12, 6: 5, 7: 8])
        let trace = try ChainBuilder.order().trace(readers: [behind])
        #expect(!trace.complete)
        #expect(trace.waitingFor == ["search"])
    }

    @Test("An event is applied by the readers that handle its type and have passed it, and by no others")
    func appliedBy() throws {
        let readers = [
            reader("dashboard", ["OrderPlaced", "InventoryDecremented"], through: [0: 12, 6: 5]),
            reader("search", ["OrderPlaced"], through: [0: 12, 6: 5, 7: 9]),
        ]
        let trace = try ChainBuilder.order().trace(readers: readers)
        let applied = Dictionary(uniqueKeysWithValues: trace.events.map { ($0.eventID, $0.appliedBy) })
        #expect(applied[EventID(bits: 1)] == ["dashboard", "search"])
        #expect(applied[EventID(bits: 2)] == [])
        #expect(applied[EventID(bits: 4)] == ["dashboard"])
        #expect(applied[EventID(bits: 5)] == [])
    }

    @Test("No events make no complete trace")
    func empty() {
        #expect(!ChainBuilder().trace().complete)
    }

    @Test("The tree holds every event once, causes before effects, even when causes form a cycle")
    func cycle() throws {
        var chain = ChainBuilder()
        try chain.add(1, "A", in: "order/1", partition: 0, position: 1, cause: 2, recordedAt: 0)
        try chain.add(2, "B", in: "order/1", partition: 0, position: 2, cause: 1, recordedAt: 1)
        #expect(chain.trace().lines.map(\.event.type) == ["A", "B"])
        let order = try ChainBuilder.order().trace().lines
        #expect(order.map(\.siblingsFollow.count) == [0, 1, 2, 3, 3])
        #expect(order.map { $0.siblingsFollow.last } == [nil, false, false, true, false])
    }

    @Test("The text draws branches, streams, processes and positions")
    func text() throws {
        let passed = reader("dashboard", ["OrderPlaced"], through: [0: 12, 6: 5, 7: 9])
        let reactor = reader("fulfilment", ["OrderPlaced"], through: [0: 12, 6: 5, 7: 9])
        let text = TraceText(try ChainBuilder.order().trace(readers: [reactor, passed])).text
        #expect(
            text == """
                correlation 00000000-0000-0000-0000-000000000007  5 events  4 processes  7.0 ms  complete
                  +0.0 ms  OrderPlaced                    order/1 #1  orders-0  0:10
                  +2.0 ms  └─ OrderPaid                   order/1 #1  orders-0  0:11  via fulfilment
                  +4.0 ms     └─ OrderShipped             order/1 #1  orders-0  0:12  via fulfilment
                  +6.0 ms        ├─ InventoryDecremented  stock/a #1  stock-0   6:5   via fulfilment
                  +7.0 ms        └─ InventoryDecremented  stock/b #1  stock-0   7:9   via fulfilment
                read by dashboard, fulfilment

                """)
    }
}
