public import Roost

/// An article of an order, as partners see it.
public struct PartnerItem: Codable, Hashable, Sendable {
    /// The article.
    public var sku: String
    /// In pieces.
    public var quantity: Int
    /// In minor units of the currency.
    public var unitPrice: Int
}

/// An order is placed and paid: it will be carried out.
public struct OrderConfirmed: PublicEvent, Hashable {
    /// The name that partners know.
    public static let type = "OrderConfirmed"
    /// For those who receive it.
    public static let summary = "An order is placed and paid: it will be carried out."
    /// One of two lanterns.
    public static let sample = OrderConfirmed(
        order: "order/536365", country: "United Kingdom",
        items: [PartnerItem(sku: "71053", quantity: 2, unitPrice: 339)], total: 678, currency: "GBP")

    /// As in `order/536365`.
    public var order: String
    /// Where the goods go, in words. Nothing else of the address leaves the shop.
    public var country: String
    /// At least one.
    public var items: [PartnerItem]
    /// What was paid, in minor units.
    public var total: Int
    /// ISO 4217.
    public var currency: String
    /// The order.
    public var subject: String { order }
}

/// The goods of an order have left the house.
public struct OrderDispatched: PublicEvent, Hashable {
    /// The name that partners know.
    public static let type = "OrderDispatched"
    /// For those who receive it.
    public static let summary = "The goods of an order have left the house."
    /// The lanterns again.
    public static let sample = OrderDispatched(
        order: "order/536365", items: [PartnerItem(sku: "71053", quantity: 2, unitPrice: 339)], again: false)

    /// As in `order/536365`.
    public var order: String
    /// What left.
    public var items: [PartnerItem]
    /// The order had been revoked before.
    public var again: Bool
    /// The order.
    public var subject: String { order }
}

/// An order that was confirmed is taken back.
public struct OrderRevoked: PublicEvent, Hashable {
    /// The name that partners know.
    public static let type = "OrderRevoked"
    /// For those who receive it.
    public static let summary = "An order that was confirmed is taken back."
    /// Without a reason: why is nobody's business.
    public static let sample = OrderRevoked(order: "order/536365", dispatched: true)

    /// As in `order/536365`.
    public var order: String
    /// Its goods had left the house.
    public var dispatched: Bool
    /// The order.
    public var subject: String { order }
}
