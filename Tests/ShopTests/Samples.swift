import Roost
import RoostTesting
import Shop

/// Values that many tests need.
enum Sample {
    static let placement = Placement(groups: [
        .init(name: "orders", categories: ["order", "customer"], firstPartition: PartitionID(0), partitionCount: 6),
        .init(name: "stock", categories: ["stock"], firstPartition: PartitionID(6), partitionCount: 2),
    ])

    static let address = Address(name: .plain("Ada Byron"), street: .plain("1 Mill Lane"), country: "United Kingdom")
    static let lines = [
        PlaceOrder.Line(sku: "85123A", description: "WHITE HANGING HEART T-LIGHT HOLDER", quantity: 6, unitPrice: 255),
        PlaceOrder.Line(sku: "BANK CHARGES", description: "", quantity: 1, unitPrice: 0),
        PlaceOrder.Line(sku: "85123A", description: "WHITE HANGING HEART T-LIGHT HOLDER", quantity: 2, unitPrice: 255),
    ]
    static let total = 8 * 255

    static func placeOrder(customer: String? = "customer/17850", lines: [PlaceOrder.Line] = lines) -> PlaceOrder {
        PlaceOrder(customer: customer, address: address, lines: lines)
    }

    static var orderLines: [OrderLine] {
        lines.enumerated().map { index, line in
            OrderLine(
                number: index + 1, sku: line.sku, description: line.description ?? "", quantity: line.quantity,
                unitPrice: line.unitPrice)
        }
    }

    static func run(seed: UInt64 = 1) -> DomainRun {
        DomainRun(ShopDomain.domain, placement: placement, seed: seed)
    }
}
