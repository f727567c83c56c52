public import Roost

/// Everything that can happen to the stock of an article.
public enum StockEvent: EventSet, Hashable {
    case received(InventoryReceived)
    case decremented(InventoryDecremented)
    case low(StockLow)

    public static let kinds: [PayloadKind<StockEvent>] = [
        .init(StockEvent.received), .init(StockEvent.decremented), .init(StockEvent.low),
    ]

    public var payload: any EventPayload {
        switch self {
        case .received(let payload): payload
        case .decremented(let payload): payload
        case .low(let payload): payload
        }
    }
}

/// There is more than before.
public struct InventoryReceived: EventPayload, Hashable {
    public static let type = "InventoryReceived"
    public var sku: String
    public var quantity: Int
    /// What is there now.
    public var level: Int
    /// Below it the stock counts as low.
    public var lowThreshold: Int

    public init(sku: String, quantity: Int, level: Int, lowThreshold: Int) {
        self.sku = sku
        self.quantity = quantity
        self.level = level
        self.lowThreshold = lowThreshold
    }
}

/// There is less than before, because one line of an order was shipped.
public struct InventoryDecremented: EventPayload, Hashable {
    public static let type = "InventoryDecremented"
    public var sku: String
    public var quantity: Int
    public var order: String
    public var line: Int
    /// What is there now; negative is what customers still wait for.
    public var level: Int
    /// Below it the stock counts as low.
    public var lowThreshold: Int

    public init(sku: String, quantity: Int, order: String, line: Int, level: Int, lowThreshold: Int) {
        self.sku = sku
        self.quantity = quantity
        self.order = order
        self.line = line
        self.level = level
        self.lowThreshold = lowThreshold
    }
}

/// The stock has just fallen below its threshold: said once for each time that it falls.
public struct StockLow: EventPayload, Hashable {
    public static let type = "StockLow"
    public var sku: String
    public var level: Int
    public var lowThreshold: Int

    public init(sku: String, level: Int, lowThreshold: Int) {
        self.sku = sku
        self.level = level
        self.lowThreshold = lowThreshold
    }
}
