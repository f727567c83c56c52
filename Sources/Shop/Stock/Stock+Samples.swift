import Roost

extension Stock {
    /// A delivery and a shipment that leaves less than the threshold.
    public static let samples: [StockEvent] = [
        .received(InventoryReceived(sku: "85123A", quantity: 20, level: 20, lowThreshold: 12)),
        .decremented(
            InventoryDecremented(sku: "85123A", quantity: 9, order: "order/1", line: 1, level: 11, lowThreshold: 12)),
        .low(StockLow(sku: "85123A", level: 11, lowThreshold: 12)),
    ]
    /// The stock of an article has a short state and a long history.
    public static let snapshotEvery: UInt64 = 100
}
