public import Roost

/// The demo: a shop that takes orders, and the example to copy for a domain of one's own.
public enum ShopDomain {
    /// All of it, for the executable.
    public static let domain = Domain(
        name: "shop",
        aggregates: [Order.self, Stock.self, Customer.self],
        reactors: [Fulfilment.self],
        projections: [Dashboard.self, Analytics.self, Search.self], feeds: [Partners.self],
        contracts: contracts,
        importers: [RetailImporter.self],
        generator: OrderGenerator.self,
        erased: { subject in
            let stream = try StreamName(subject)
            return stream.category == Customer.category ? FollowUp(EraseCustomer(), to: stream) : nil
        })

    /// The stock changes because orders are shipped, line by line, and for no other reason.
    static let contracts: [CausalContract] = [
        .every(
            OrderShipped.self, leadsTo: InventoryDecremented.self, within: .seconds(30),
            oneForEach: { $0.lines.map(\.number) }, matching: { $0.line }),
        .every(InventoryDecremented.self, isCausedBy: [OrderShipped.self]),
        .noChain(deeperThan: 20),
    ]
}
