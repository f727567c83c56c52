public import Roost

/// Everything that can happen to an order.
public enum OrderEvent: EventSet, Hashable {
    case placed(OrderPlaced)
    case paid(OrderPaid)
    case shipped(OrderShipped)
    case cancelled(OrderCancelled)

    /// Every event of an order by its declared type.
    public static let kinds: [PayloadKind<OrderEvent>] = [
        .init(OrderEvent.placed), .init(OrderEvent.paid), .init(OrderEvent.shipped), .init(OrderEvent.cancelled),
    ]

    /// From every shape in which an order's events were ever stored.
    public static let upcasters: [Upcaster] = [
        .init(into: [OrderPlaced.self, OrderPaid.self]) { (old: OrderPlacedV1) in old.upcast },
        .init { (old: OrderShippedV1) in old.upcast },
    ]

    /// The data of this event.
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
    /// The type as it is stored; never changes.
    public static let type = "OrderPlaced"
    /// 1 could say that the order came paid; 2 says whether it may be paid later.
    public static let schemaVersion: UInt32 = 2
    /// The order's own stream, as in `order/536365`.
    public var order: String
    /// The stream of the customer; nil for a guest.
    public var customer: String?
    /// Where the goods go.
    public var address: Address
    /// At least one, in the order in which they were given.
    public var lines: [OrderLine]
    /// In minor units.
    public var total: Int
    /// Somebody will pay; false when the payment is taken at once.
    public var payLater: Bool

    /// The customer, or the order itself for a guest.
    public var subject: String? { customer ?? order }

    /// `total` is the sum of all lines.
    public init(
        order: String, customer: String?, address: Address, lines: [OrderLine], total: Int, payLater: Bool = false
    ) {
        self.order = order
        self.customer = customer
        self.address = address
        self.lines = lines
        self.total = total
        self.payLater = payLater
    }
}

/// The whole amount has been paid.
public struct OrderPaid: EventPayload, Hashable {
    /// The type as it is stored; never changes.
    public static let type = "OrderPaid"
    /// The order's own stream, as in `order/536365`.
    public var order: String
    /// The stream of the customer; nil for a guest.
    public var customer: String?
    /// In minor units.
    public var amount: Int

    /// `amount` is what the order costs.
    public init(order: String, customer: String?, amount: Int) {
        self.order = order
        self.customer = customer
        self.amount = amount
    }
}

/// The goods of all lines have left the house.
public struct OrderShipped: EventPayload, Hashable {
    /// The type as it is stored; never changes.
    public static let type = "OrderShipped"
    /// 1 need not say whether the order went out again.
    public static let schemaVersion: UInt32 = 2
    /// The order's own stream, as in `order/536365`.
    public var order: String
    /// The stream of the customer; nil for a guest.
    public var customer: String?
    /// Where the goods go.
    public var address: Address
    /// What leaves the house: all lines of the order.
    public var lines: [OrderLine]
    /// What has been paid for the order, in minor units.
    public var amount: Int
    /// The order had been cancelled before.
    public var again: Bool

    /// The customer, or the order itself for a guest.
    public var subject: String? { customer ?? order }

    /// Repeats the order whole: nobody who ships or counts has to look it up.
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
    /// The type as it is stored; never changes.
    public static let type = "OrderCancelled"
    /// The order's own stream, as in `order/536365`.
    public var order: String
    /// The stream of the customer; nil for a guest.
    public var customer: String?
    /// Why, without personal data.
    public var reason: String
    /// Where the order stood before.
    public var from: OrderStatus
    /// What had been paid for the order, in minor units.
    public var amount: Int

    /// `from` and `amount` tell a reader what to take back.
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
