import Roost

extension Order {
    /// One order through every status.
    public static let samples: [OrderEvent] = {
        let (order, customer) = ("order/1", "customer/17850")
        let address = Address(name: .plain("Ann Example"), street: .plain("1 Mill Lane"), country: "United Kingdom")
        let lines = [
            OrderLine(
                number: 1, sku: "85123A", description: "WHITE HANGING HEART T-LIGHT HOLDER", quantity: 6, unitPrice: 255
            ),
            OrderLine(number: 2, sku: "71053", description: "WHITE METAL LANTERN", quantity: 2, unitPrice: 339),
        ]
        return [
            .placed(OrderPlaced(order: order, customer: customer, address: address, lines: lines, total: 2208)),
            .paid(OrderPaid(order: order, customer: customer, amount: 2208)),
            .shipped(
                OrderShipped(
                    order: order, customer: customer, address: address, lines: lines, amount: 2208, again: false)),
            .cancelled(
                OrderCancelled(
                    order: order, customer: customer, reason: "changed my mind", from: .shipped, amount: 2208)),
        ]
    }()
}
