public import Roost

/// Everything one may ask of an order.
public enum OrderCommand: CommandSet, Hashable {
    case place(PlaceOrder)
    case pay(PayOrder)
    case ship(ShipOrder)
    case cancel(CancelOrder)

    public static let kinds: [PayloadKind<OrderCommand>] = [
        .init(OrderCommand.place), .init(OrderCommand.pay), .init(OrderCommand.ship), .init(OrderCommand.cancel),
    ]

    public var payload: any CommandPayload {
        switch self {
        case .place(let payload): payload
        case .pay(let payload): payload
        case .ship(let payload): payload
        case .cancel(let payload): payload
        }
    }
}

/// Somebody wants goods.
public struct PlaceOrder: CommandPayload, Hashable {
    public static let name = "PlaceOrder"

    /// One line as the customer gives it: it has no number yet.
    public struct Line: Codable, Hashable, Sendable {
        public var sku: String
        public var description: String?
        public var quantity: Int
        /// In minor units.
        public var unitPrice: Int

        public init(sku: String, description: String? = nil, quantity: Int, unitPrice: Int) {
            self.sku = sku
            self.description = description
            self.quantity = quantity
            self.unitPrice = unitPrice
        }
    }

    /// The stream of the customer, as in `customer/17850`; nil for a guest.
    public var customer: String?
    public var address: Address
    public var lines: [Line]

    public init(customer: String? = nil, address: Address, lines: [Line]) {
        self.customer = customer
        self.address = address
        self.lines = lines
    }
}

/// The money has arrived.
public struct PayOrder: CommandPayload, Hashable {
    public static let name = "PayOrder"
    /// In minor units; exactly what the order costs.
    public var amount: Int

    public init(amount: Int) { self.amount = amount }
}

/// The goods leave the house: for the first time, or again after a cancellation.
public struct ShipOrder: CommandPayload, Hashable {
    public static let name = "ShipOrder"
    public var again: Bool

    public init(again: Bool) { self.again = again }

    /// A missing `again` means false.
    public init(from decoder: any Decoder) throws {
        again = try decoder.container(keyedBy: CodingKeys.self).decodeIfPresent(Bool.self, forKey: .again) ?? false
    }
}

/// The order shall not be carried out, or be taken back.
public struct CancelOrder: CommandPayload, Hashable {
    public static let name = "CancelOrder"
    /// Why, without personal data.
    public var reason: String

    public init(reason: String) { self.reason = reason }
}
