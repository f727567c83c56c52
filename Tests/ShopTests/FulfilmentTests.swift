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

    @Test("An imported order keeps its time along the whole chain")
    func importedTime() throws {
        let occurred = Timestamp(seconds: 1_291_191_960)
        let events = try Sample.run().send(Sample.placeOrder(), to: StreamName("order/17"), occurred: occurred)
        #expect(events.count == 6)
        #expect(events.allSatisfy { $0.occurred == occurred })
    }
}
