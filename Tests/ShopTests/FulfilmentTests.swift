import Roost
import RoostTesting
import Shop
import Testing

@Suite("Fulfilment")
struct FulfilmentTests {
    @Test("One PlaceOrder leads to payment, shipment and one decrement per line, under one correlation ID")
    func chain() throws {
        let run = Sample.run()
        let events = try run.send(Sample.placeOrder(), to: StreamName("order/17"))
        #expect(
            events.map(\.type) == [
                "OrderPlaced", "OrderPaid", "OrderShipped", "InventoryDecremented", "InventoryDecremented",
                "InventoryDecremented",
            ])
        #expect(
            events.dropFirst(3).map(\.stream.description) == [
                "stock/85123A", "stock/BANK CHARGES", "stock/85123A",
            ])
        #expect(Set(events.map(\.correlationID)).count == 1)
        #expect(events.map(\.depth) == [0, 1, 2, 3, 3, 3])
        #expect(Set(events.map(\.commandID)).count == events.count)
        #expect(run.rejections.isEmpty)
    }

    @Test("A second shipment takes the goods from the stock a second time")
    func again() throws {
        let run = Sample.run()
        let order = try StreamName("order/17")
        try run.send(Sample.placeOrder(), to: order)
        try run.send(CancelOrder(reason: "lost"), to: order)
        let events = try run.send(ShipOrder(again: true), to: order)
        #expect(events.filter { $0.type == "InventoryDecremented" }.count == 3)
        let dashboard = try ProjectionSpec(Dashboard.self).tables(after: run.partitions)
        #expect(try dashboard.query("stock", ["sku": "85123A"]).map { $0["level"] } == [-16])
    }

    private func later() -> PlaceOrder {
        PlaceOrder(customer: nil, address: Sample.address, lines: Sample.lines, payLater: true)
    }

    @Test("An order that is to be paid later and is not within half an hour is cancelled, in the same chain")
    func unpaid() throws {
        let run = Sample.run()
        let placed = try run.send(later(), to: StreamName("order/17"))
        #expect(placed.map(\.type) == ["OrderPlaced"])
        #expect(run.pendingTimers.map(\.due) == [placed[0].recorded + Fulfilment.timeToPay])
        #expect(try run.advance(by: .seconds(29 * 60)).isEmpty)
        let cancelled = try run.advance(by: .seconds(2 * 60))
        #expect(cancelled.map(\.type) == ["OrderCancelled"])
        #expect(cancelled[0].correlationID == placed[0].correlationID && cancelled[0].causationID == placed[0].eventID)
        #expect(run.pendingTimers.isEmpty && run.rejections.isEmpty)
    }

    @Test("An order that is paid or cancelled in time has no timer any more")
    func paidInTime() throws {
        let run = Sample.run()
        for (order, command) in [
            ("order/1", PayOrder(amount: Sample.total) as any CommandPayload), ("order/2", CancelOrder(reason: "no")),
        ] {
            try run.send(later(), to: StreamName(order))
            try run.send(command, to: StreamName(order))
        }
        #expect(run.pendingTimers.isEmpty)
        #expect(try run.advance(by: .seconds(3600)).isEmpty)
    }

    @Test("To expire is no change for an order that was paid meanwhile, and refused for one that does not exist")
    func expireTooLate() throws {
        let order = DeciderSpec<Order>(id: "17")
        try order.given(commands: .place(later()), .pay(PayOrder(amount: Sample.total))).when(.expire(ExpireOrder()))
            .thenNothing()
        try order.when(.expire(ExpireOrder())).thenRejected("does not exist")
    }

    @Test("An imported order keeps its time along the whole chain")
    func importedTime() throws {
        let occurred = Timestamp(seconds: 1_291_191_960)
        let events = try Sample.run().send(Sample.placeOrder(), to: StreamName("order/17"), occurred: occurred)
        #expect(events.count == 6)
        #expect(events.allSatisfy { $0.occurred == occurred })
    }
}
