public import Roost

/// The demo: a shop that takes orders, and the example to copy for a domain of one's own.
public enum ShopDomain {
    /// All of it, for the executable.
    public static let domain = Domain(
        name: "shop",
        aggregates: [Order.self, Stock.self, Customer.self],
        reactors: [Fulfilment.self],
        projections: [Dashboard.self, Analytics.self, Search.self], feeds: [Partners.self],
        importers: [RetailImporter.self],
        generator: OrderGenerator.self,
        erased: { subject in
            let stream = try StreamName(subject)
            return stream.category == Customer.category ? FollowUp(EraseCustomer(), to: stream) : nil
        })
}
