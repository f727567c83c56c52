public import Roost

/// Everything that can happen to an order.
public enum OrderEvent: EventSet, Hashable {
    case placed(OrderPlaced)
    case paid(OrderPaid)
    case shipped(OrderShipped)
    case cancelled(OrderCancelled)

    public static let kinds: [PayloadKind<OrderEvent>] = [
        .init(OrderEvent.placed), .init(OrderEvent.paid), .init(OrderEvent.shipped), .init(OrderEvent.cancelled),
    ]

    public var payload: any EventPayload {
        switch self {
        case .placed(let payload): payload
        case .paid(let payload): payload
        case .shipped(let payload): payload
        case .cancelled(let payload): payload
        }
    }
}

/// An order exists. Its lines are numbered from 1.
public struct OrderPlaced: EventPayload, Hashable {
    public static let type = "OrderPlaced"
    public var order: String
    public var customer: String?
    public var address: Address
    public var lines: [OrderLine]
    /// In minor units.
    public var total: Int

    /// The customer, or the order itself for a guest.
    public var subject: String? { customer ?? order }

    public init(order: String, customer: String?, address: Address, lines: [OrderLine], total: Int) {
        self.order = order
        self.customer = customer
        self.address = address
        self.lines = lines
        self.total = total
    }
}

/// The whole amount has been paid.
public struct OrderPaid: EventPayload, Hashable {
    public static let type = "OrderPaid"
    public var order: String
    public var customer: String?
    /// In minor units.
    public var amount: Int

    public init(order: String, customer: String?, amount: Int) {
        self.order = order
        self.customer = customer
        self.amount = amount
    }
}

/// The goods of all lines have left the house.
public struct OrderShipped: EventPayload, Hashable {
    public static let type = "OrderShipped"
    public var order: String
    public var customer: String?
    public var address: Address
    public var lines: [OrderLine]
    /// What has been paid for the order, in minor units.
    public var amount: Int
    /// The order had been cancelled before.
    public var again: Bool

    /// The customer, or the order itself for a guest.
    public var subject: String? { customer ?? order }

    public init(order: String, customer: String?, address: Address, lines: [OrderLine], amount: Int, again: Bool) {
        self.order = order
        self.customer = customer
        self.address = address
        self.lines = lines
        self.amount = amount
        self.again = again
    }
}

/// The order does not count any more, until it is shipped again.
public struct OrderCancelled: EventPayload, Hashable {
    public static let type = "OrderCancelled"
    public var order: String
    public var customer: String?
    public var reason: String
    /// Where the order stood before.
    public var from: OrderStatus
    /// What had been paid for the order, in minor units.
    public var amount: Int

    public init(order: String, customer: String?, reason: String, from: OrderStatus, amount: Int) {
        self.order = order
        self.customer = customer
        self.reason = reason
        self.from = from
        self.amount = amount
    }
}

/// Where an order stands.
public enum OrderStatus: String, Codable, Hashable, Sendable {
    case placed, paid, shipped, cancelled
}
