import Roost

// Shapes that are stored and not written any more. They never change, and neither do the samples of them in the tests.

/// An order could be placed and paid in one step.
struct OrderPlacedV1: EventPayload {
    static let type = "OrderPlaced"
    let order: String
    let customer: String?
    let address: Address
    let lines: [OrderLine]
    let total: Int
    let prepaid: Bool?

    /// What says two things becomes two events.
    var upcast: [any EventPayload] {
        let placed = OrderPlaced(order: order, customer: customer, address: address, lines: lines, total: total)
        guard prepaid == true else { return [placed] }
        return [placed, OrderPaid(order: order, customer: customer, amount: total)]
    }
}

/// Before cancelled orders could go out again, nothing said that one did.
struct OrderShippedV1: EventPayload {
    static let type = "OrderShipped"
    let order: String
    let customer: String?
    let address: Address
    let lines: [OrderLine]
    let amount: Int
    let again: Bool?

    var upcast: OrderShipped {
        OrderShipped(
            order: order, customer: customer, address: address, lines: lines, amount: amount, again: again ?? false)
    }
}
