public import Roost

/// Everything one may ask of the stock of an article.
public enum StockCommand: CommandSet, Hashable {
    case receive(ReceiveStock)
    case decrement(DecrementInventory)

    /// Every command of the stock by its declared name.
    public static let kinds: [PayloadKind<StockCommand>] = [
        .init(StockCommand.receive), .init(StockCommand.decrement),
    ]

    /// The data of this command.
    public var payload: any CommandPayload {
        switch self {
        case .receive(let payload): payload
        case .decrement(let payload): payload
        }
    }
}

/// Goods have come in.
public struct ReceiveStock: CommandPayload, Hashable {
    /// The name on the wire; never changes.
    public static let name = "ReceiveStock"
    /// In pieces, from 1 to 10,000,000.
    public var quantity: Int
    /// Below it the stock counts as low, from now on; nil keeps what was, 10 at first.
    public var lowThreshold: Int?

    /// Checks nothing: the rules of `Stock` decide.
    public init(quantity: Int, lowThreshold: Int? = nil) {
        self.quantity = quantity
        self.lowThreshold = lowThreshold
    }
}

/// Goods of one line of an order have gone out.
public struct DecrementInventory: CommandPayload, Hashable {
    /// The name on the wire; never changes.
    public static let name = "DecrementInventory"
    /// In pieces, from 1 to 10,000,000.
    public var quantity: Int
    /// The stream of the order, as in `order/536365`.
    public var order: String
    /// The line's number: it tells two lines of one order with the same article apart.
    public var line: Int

    /// `order` and `line` say why the goods went out.
    public init(quantity: Int, order: String, line: Int) {
        self.quantity = quantity
        self.order = order
        self.line = line
    }
}
