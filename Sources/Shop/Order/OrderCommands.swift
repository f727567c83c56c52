public import Roost

/// Everything one may ask of an order.
public enum OrderCommand: CommandSet, Hashable {
    case place(PlaceOrder)
    case pay(PayOrder)
    case ship(ShipOrder)
    case cancel(CancelOrder)
    case expire(ExpireOrder)

    /// Every command of an order by its declared name.
    public static let kinds: [PayloadKind<OrderCommand>] = [
        .init(OrderCommand.place), .init(OrderCommand.pay), .init(OrderCommand.ship), .init(OrderCommand.cancel),
        .init(OrderCommand.expire),
    ]

    /// The data of this command.
    public var payload: any CommandPayload {
        switch self {
        case .place(let payload): payload
        case .pay(let payload): payload
        case .ship(let payload): payload
        case .cancel(let payload): payload
        case .expire(let payload): payload
        }
    }
}

/// Somebody wants goods.
public struct PlaceOrder: CommandPayload, Hashable {
    /// The name on the wire; never changes.
    public static let name = "PlaceOrder"

    /// One line as the customer gives it: it has no number yet.
    public struct Line: Codable, Hashable, Sendable {
        /// The article: the id of its stock stream.
        public var sku: String
        /// What the article is called; nil says nothing.
        public var description: String?
        /// In pieces, from 1 to 10,000,000.
        public var quantity: Int
        /// In minor units.
        public var unitPrice: Int

        /// Checks nothing: the rules of `Order` decide.
        public init(sku: String, description: String? = nil, quantity: Int, unitPrice: Int) {
            self.sku = sku
            self.description = description
            self.quantity = quantity
            self.unitPrice = unitPrice
        }
    }

    /// The stream of the customer, as in `customer/17850`; nil for a guest.
    public var customer: String?
    /// Where the goods go; the country is required.
    public var address: Address
    /// From 1 to 2000; an article may appear more than once.
    public var lines: [Line]
    /// True when somebody will send PayOrder within half an hour; otherwise the payment is taken at once.
    public var payLater: Bool?

    /// Without a customer the order is a guest's.
    public init(customer: String? = nil, address: Address, lines: [Line], payLater: Bool? = nil) {
        self.customer = customer
        self.address = address
        self.lines = lines
        self.payLater = payLater
    }
}

/// The money has arrived.
public struct PayOrder: CommandPayload, Hashable {
    /// The name on the wire; never changes.
    public static let name = "PayOrder"
    /// In minor units; exactly what the order costs.
    public var amount: Int

    /// Checks nothing: the rules of `Order` decide.
    public init(amount: Int) { self.amount = amount }
}

/// The goods leave the house: for the first time, or again after a cancellation.
public struct ShipOrder: CommandPayload, Hashable {
    /// The name on the wire; never changes.
    public static let name = "ShipOrder"
    /// True for an order that was cancelled and goes out all the same.
    public var again: Bool

    /// Checks nothing: the rules of `Order` decide.
    public init(again: Bool) { self.again = again }

    /// A missing `again` means false.
    public init(from decoder: any Decoder) throws {
        again = try decoder.container(keyedBy: CodingKeys.self).decodeIfPresent(Bool.self, forKey: .again) ?? false
    }
}

/// The order shall not be carried out, or be taken back.
public struct CancelOrder: CommandPayload, Hashable {
    /// The name on the wire; never changes.
    public static let name = "CancelOrder"
    /// Why, without personal data.
    public var reason: String

    /// `reason` is kept in the event for ever, so it must hold no personal data.
    public init(reason: String) { self.reason = reason }
}

/// The time to pay is over. Does nothing to an order that has been paid or cancelled.
public struct ExpireOrder: CommandPayload, Hashable {
    /// The name on the wire; never changes.
    public static let name = "ExpireOrder"

    /// Says all there is to say.
    public init() {}
}
