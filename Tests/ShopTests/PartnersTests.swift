import Roost
import RoostTesting
import Shop
import Testing

@Suite("What partners see of the shop")
struct PartnersTests {
    private func published(_ run: DomainRun) throws -> [FeedSpec.Published] {
        try FeedSpec(Partners.self).published(by: run.events)
    }

    @Test("An order that is placed and paid is confirmed once, then dispatched")
    func confirmed() throws {
        let run = Sample.run()
        try run.send(Sample.placeOrder(), to: StreamName("order/17"))
        let events = try published(run)
        #expect(events.map(\.type) == ["OrderConfirmed", "OrderDispatched"] && events.map(\.number) == [1, 2])
        #expect(events.allSatisfy { $0.subject == "order/17" })
    }

    @Test("An order that was never paid is nobody's business, whatever becomes of it")
    func unpaid() throws {
        let run = Sample.run()
        let later = PlaceOrder(address: Sample.address, lines: Sample.lines, payLater: true)
        try run.send(later, to: StreamName("order/17"))
        try run.advance(by: .seconds(3600))
        #expect(run.events.map(\.type) == ["OrderPlaced", "OrderCancelled"])
        #expect(try published(run).isEmpty)
    }

    @Test("A cancelled order is revoked, and dispatched again when it goes out again")
    func revoked() throws {
        let run = Sample.run()
        let order = try StreamName("order/17")
        try run.send(Sample.placeOrder(), to: order)
        try run.send(CancelOrder(reason: "lost"), to: order)
        try run.send(ShipOrder(again: true), to: order)
        let events = try published(run)
        #expect(events.map(\.type) == ["OrderConfirmed", "OrderDispatched", "OrderRevoked", "OrderDispatched"])
        try FeedSpec(Partners.self).check(run.events)
    }

    @Test("Nothing personal leaves: neither name and street nor customer and reason")
    func personal() throws {
        let run = Sample.run()
        let order = try StreamName("order/17")
        try run.send(Sample.placeOrder(), to: order)
        try run.send(CancelOrder(reason: "my reason"), to: order)
        let text = try published(run).map(\.json).joined()
        for secret in ["Ada", "Mill Lane", "17850", "my reason"] { #expect(!text.contains(secret)) }
        #expect(text.contains("United Kingdom"))
    }
}
