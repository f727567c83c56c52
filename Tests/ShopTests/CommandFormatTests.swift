import Foundation
import Roost
import RoostTesting
import Shop
import Testing

@Suite("The documents of commands and events")
struct CommandFormatTests {
    private func place(_ json: String) throws -> [OrderEvent] {
        let command = ImportedCommand(
            command: "PlaceOrder", stream: try StreamName("order/17"), data: Bytes(json), commandID: try CommandID("1"),
            occurred: nil, rows: 1)
        return try Sample.run().send(command).filter { $0.stream.category == "order" }.map(Stored.order)
    }

    @Test("A customer's order with a full address is taken as documented")
    func documented() throws {
        let events = try place(
            #"""
            {"customer":"customer/17850","address":{"name":"Ada","street":"1 Mill Lane","country":"United Kingdom"},
            "lines":[{"sku":"85123A","description":"WHITE HANGING HEART T-LIGHT HOLDER","quantity":6,"unitPrice":255}]}
            """#)
        guard case .placed(let placed) = try #require(events.first) else { throw SpecFailure("not placed") }
        #expect(placed.customer == "customer/17850" && placed.total == 1530)
        #expect(
            placed.address == Address(name: .plain("Ada"), street: .plain("1 Mill Lane"), country: "United Kingdom"))
    }

    @Test(
        "A guest has customer null or none, and an address needs no more than a country",
        arguments: [#""customer":null,"#, ""])
    func guest(customer: String) throws {
        let json =
            "{" + customer + #""address":{"country":"Norway"},"lines":[{"sku":"A","quantity":1,"unitPrice":0}]}"#
        guard case .placed(let placed) = try #require(try place(json).first) else { throw SpecFailure("not placed") }
        #expect(placed.customer == nil && placed.address == Address(country: "Norway"))
    }

    @Test("Personal data is stored in the shape that can be sealed")
    func personal() throws {
        let event = try #require(try Sample.run().send(Sample.placeOrder(), to: StreamName("order/17")).first)
        #expect(event.payload.text.contains(#""street":{"plain":"1 Mill Lane"}"#))
        #expect(event.subject == "customer/17850")
    }

    @Test("A shipment without `again` is the first one")
    func shipOrder() throws {
        func decode(_ json: String) throws -> ShipOrder {
            try JSONDecoder().decode(ShipOrder.self, from: Data(json.utf8))
        }
        #expect(try decode("{}") == ShipOrder(again: false))
        #expect(try decode(#"{"again":true}"#) == ShipOrder(again: true))
    }

    @Test("Every event of the domain survives being stored and read")
    func roundTrips() throws {
        let run = Sample.run()
        let order = try StreamName("order/17")
        try run.send(ReceiveStock(quantity: 12), to: StreamName("stock/85123A"))
        try run.send(RegisterCustomer(email: .plain("a@b"), address: Sample.address), to: StreamName("customer/1"))
        try run.send(ChangeAddress(address: Address(country: "Norway")), to: StreamName("customer/1"))
        try run.send(Sample.placeOrder(), to: order)
        try run.send(CancelOrder(reason: "no"), to: order)
        try run.send(EraseCustomer(), to: StreamName("customer/1"))
        let declared = OrderEvent.kinds.map(\.name) + StockEvent.kinds.map(\.name) + CustomerEvent.kinds.map(\.name)
        #expect(Set(run.events.map(\.type)) == Set(declared))
    }
}
