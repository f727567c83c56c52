import Roost
import RoostTesting
import Shop
import Testing

@Suite("The rules of an order")
struct OrderTests {
    private let order = DeciderSpec<Order>(id: "17")
    private var placed: DeciderSpec<Order> { get throws { try order.given(commands: .place(Sample.placeOrder())) } }
    private var paid: DeciderSpec<Order> {
        get throws { try placed.given(commands: .pay(PayOrder(amount: Sample.total))) }
    }
    private var shipped: DeciderSpec<Order> { get throws { try paid.given(commands: .ship(ShipOrder(again: false))) } }
    private let cancel = OrderCommand.cancel(CancelOrder(reason: "changed my mind"))

    @Test("Placing numbers the lines and adds up the total")
    func placing() throws {
        try order.when(.place(Sample.placeOrder())).then(
            .placed(
                OrderPlaced(
                    order: "order/17", customer: "customer/17850", address: Sample.address, lines: Sample.orderLines,
                    total: Sample.total)))
    }

    @Test("A guest's order is its own subject, a customer's order belongs to the customer")
    func subject() throws {
        let guest = try order.when(.place(Sample.placeOrder(customer: nil))).events
        let customer = try order.when(.place(Sample.placeOrder())).events
        #expect(guest.map(\.payload.subject) == ["order/17"])
        #expect(customer.map(\.payload.subject) == ["customer/17850"])
    }

    @Test("An order is placed once")
    func placedOnce() throws {
        try placed.when(.place(Sample.placeOrder())).thenRejected("placed already")
    }

    @Test(
        "A line that makes no sense is refused",
        arguments: [
            ("", 1, 1, "no article"), ("a\nb", 1, 1, "no article"), ("A", 0, 1, "quantity 0"),
            ("A", -1, 1, "quantity -1"), ("A", .max, 1, "quantity"), ("A", 1, -1, "price -1"), ("A", 1, .max, "price"),
        ])
    func senselessLines(sku: String, quantity: Int, unitPrice: Int, reason: String) throws {
        let line = PlaceOrder.Line(sku: sku, quantity: quantity, unitPrice: unitPrice)
        let rejection = try order.when(.place(Sample.placeOrder(lines: [Sample.lines[0], line]))).thenRejected(reason)
        #expect(rejection.reason.hasPrefix("Line 2") && rejection.next != nil)
    }

    @Test("An order without lines, with too many or too expensive ones is refused")
    func senselessOrders() throws {
        let dear = PlaceOrder.Line(sku: "A", quantity: 10_000_000, unitPrice: 1_000_000_000)
        try order.when(.place(Sample.placeOrder(lines: []))).thenRejected("no lines")
        try order.when(.place(Sample.placeOrder(lines: Array(repeating: Sample.lines[0], count: 2001))))
            .thenRejected("2001 lines")
        try order.when(.place(Sample.placeOrder(lines: Array(repeating: dear, count: 2000)))).thenRejected("costs more")
    }

    @Test("An address needs a country, a customer must be a customer's stream")
    func senselessCustomers() throws {
        let nowhere = PlaceOrder(address: Address(country: " "), lines: Sample.lines)
        try order.when(.place(nowhere)).thenRejected("country")
        try order.when(.place(Sample.placeOrder(customer: "17850"))).thenRejected("no stream")
        try order.when(.place(Sample.placeOrder(customer: "order/17"))).thenRejected("another stream")
    }

    @Test("An order that costs nothing is accepted and paid with nothing")
    func freeOfCharge() throws {
        let free = Sample.placeOrder(lines: [.init(sku: "M", quantity: 1, unitPrice: 0)])
        try order.given(commands: .place(free)).when(.pay(PayOrder(amount: 0)))
            .then(.paid(OrderPaid(order: "order/17", customer: "customer/17850", amount: 0)))
    }

    @Test("Only the whole amount pays, and only once")
    func paying() throws {
        try placed.when(.pay(PayOrder(amount: Sample.total))).then(
            .paid(OrderPaid(order: "order/17", customer: "customer/17850", amount: Sample.total)))
        try placed.when(.pay(PayOrder(amount: Sample.total - 1))).thenRejected("costs 2040")
        try paid.when(.pay(PayOrder(amount: Sample.total))).thenRejected("paid already")
        try shipped.when(.pay(PayOrder(amount: Sample.total))).thenRejected("paid already")
        try placed.given(commands: cancel).when(.pay(PayOrder(amount: Sample.total))).thenRejected("cancelled")
        try order.when(.pay(PayOrder(amount: 0))).thenRejected("does not exist")
    }

    @Test("The first shipment needs a paid order that was never shipped or cancelled")
    func shipping() throws {
        try paid.when(.ship(ShipOrder(again: false))).then(
            .shipped(
                OrderShipped(
                    order: "order/17", customer: "customer/17850", address: Sample.address, lines: Sample.orderLines,
                    amount: Sample.total, again: false)))
        try order.when(.ship(ShipOrder(again: false))).thenRejected("does not exist")
        try placed.when(.ship(ShipOrder(again: false))).thenRejected("not paid")
        try shipped.when(.ship(ShipOrder(again: false))).thenRejected("shipped already")
        try paid.given(commands: cancel).when(.ship(ShipOrder(again: false))).thenRejected("cancelled")
    }

    @Test("Cancelling works from placed, paid and shipped, and says where the order stood")
    func cancelling() throws {
        for (spec, status, amount) in [
            (try placed, OrderStatus.placed, 0), (try paid, .paid, Sample.total), (try shipped, .shipped, Sample.total),
        ] {
            try spec.when(cancel).then(
                .cancelled(
                    OrderCancelled(
                        order: "order/17", customer: "customer/17850", reason: "changed my mind", from: status,
                        amount: amount)))
            try spec.given(commands: cancel).when(cancel).thenRejected("cancelled already")
        }
        try order.when(cancel).thenRejected("does not exist")
    }

    @Test("A cancelled order goes out again with all its lines, as often as it is cancelled")
    func shippingAgain() throws {
        let again = OrderCommand.ship(ShipOrder(again: true))
        let cancelled = try shipped.given(commands: cancel)
        let event = OrderEvent.shipped(
            OrderShipped(
                order: "order/17", customer: "customer/17850", address: Sample.address, lines: Sample.orderLines,
                amount: Sample.total, again: true))
        try cancelled.when(again).then(event)
        try cancelled.given(event).when(again).thenRejected("shipped already")
        try cancelled.given(commands: again, cancel).when(again).then(event)
        try paid.when(again).thenRejected("never been cancelled")
        try placed.when(again).thenRejected("not paid")
    }
}
