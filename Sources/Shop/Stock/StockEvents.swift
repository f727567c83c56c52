public import Roost

/// Everything that can happen to the stock of an article.
public enum StockEvent: EventSet, Hashable {
    case received(InventoryReceived)
    case decremented(InventoryDecremented)
    case low(StockLow)

    /// Every event of the stock by its declared type.
    public static let kinds: [PayloadKind<StockEvent>] = [
        .init(StockEvent.received), .init(StockEvent.decremented), .init(StockEvent.low),
    ]

    /// The data of this event.
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
    /// The type as it is stored; never changes.
    public static let type = "InventoryReceived"
    /// The article.
    public var sku: String
    /// How many pieces came in.
    public var quantity: Int
    /// What is there now.
    public var level: Int
    /// Below it the stock counts as low.
    public var lowThreshold: Int

    /// `level` and `lowThreshold` hold after the delivery.
    public init(sku: String, quantity: Int, level: Int, lowThreshold: Int) {
        self.sku = sku
        self.quantity = quantity
        self.level = level
        self.lowThreshold = lowThreshold
    }
}

/// There is less than before, because one line of an order was shipped.
public struct InventoryDecremented: EventPayload, Hashable {
    /// The type as it is stored; never changes.
    public static let type = "InventoryDecremented"
    /// The article.
    public var sku: String
    /// How many pieces went out.
    public var quantity: Int
    /// The stream of the order, as in `order/536365`.
    public var order: String
    /// The number of the order's line, from 1.
    public var line: Int
    /// What is there now; negative is what customers still wait for.
    public var level: Int
    /// Below it the stock counts as low.
    public var lowThreshold: Int

    /// `level` holds after the goods went out.
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
    /// The type as it is stored; never changes.
    public static let type = "StockLow"
    /// The article.
    public var sku: String
    /// What is there now, in pieces.
    public var level: Int
    /// What the level has fallen below, in pieces.
    public var lowThreshold: Int

    /// `level` is below `lowThreshold`.
    public init(sku: String, level: Int, lowThreshold: Int) {
        self.sku = sku
        self.level = level
        self.lowThreshold = lowThreshold
    }
}
