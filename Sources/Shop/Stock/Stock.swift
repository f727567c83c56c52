public import Roost

/// How many pieces of one article are there: `stock/<sku>`. Shipping is never refused, so the level may be negative.
public enum Stock: Aggregate {
    /// Streams are `stock/<sku>`.
    public static let category = "stock"
    /// Below it the stock of an article counts as low, until ReceiveStock says otherwise.
    public static let standardLowThreshold = 10

    /// What the rules need to know.
    public struct State: Codable, Hashable, Sendable {
        /// The article, which is the id of the stream.
        public let sku: String
        /// In pieces; negative is what customers still wait for.
        public var level = 0
        /// Below it the stock counts as low, in pieces.
        public var lowThreshold = Stock.standardLowThreshold
    }

    /// Nothing is there, and nothing has been said about a threshold.
    public static func initial(id: String) -> State { State(sku: id) }

    /// Refuses impossible numbers only. `StockLow` follows the decrement that crosses the threshold.
    public static func decide(_ command: StockCommand, _ state: State) throws -> [StockEvent] {
        switch command {
        case .receive(let command): try receive(command, state)
        case .decrement(let command): try decrement(command, state)
        }
    }

    /// Events say what the level is afterwards, so nothing is added up here.
    public static func evolve(_ state: inout State, _ event: StockEvent) {
        switch event {
        case .received(let event):
            state.level = event.level
            state.lowThreshold = event.lowThreshold
        case .decremented(let event): state.level = event.level
        case .low: break
        }
    }

    private static func receive(_ command: ReceiveStock, _ state: State) throws -> [StockEvent] {
        try Limits.checkQuantity(command.quantity, "The delivery")
        let threshold = command.lowThreshold ?? state.lowThreshold
        guard (0...Limits.quantityMax).contains(threshold) else {
            throw Rejection("The threshold is \(threshold).", next: "Give 0 to \(Limits.quantityMax).")
        }
        let level = try counted(state.level.addingReportingOverflow(command.quantity))
        return [
            .received(
                InventoryReceived(
                    sku: state.sku, quantity: command.quantity, level: level, lowThreshold: threshold))
        ]
    }

    private static func decrement(_ command: DecrementInventory, _ state: State) throws -> [StockEvent] {
        try Limits.checkQuantity(command.quantity, "Line \(command.line) of \(command.order)")
        let level = try counted(state.level.subtractingReportingOverflow(command.quantity))
        let decremented = InventoryDecremented(
            sku: state.sku, quantity: command.quantity, order: command.order, line: command.line, level: level,
            lowThreshold: state.lowThreshold)
        guard state.level >= state.lowThreshold, level < state.lowThreshold else { return [.decremented(decremented)] }
        let low = StockLow(sku: state.sku, level: level, lowThreshold: state.lowThreshold)
        return [.decremented(decremented), .low(low)]
    }

    private static func counted(_ sum: (partialValue: Int, overflow: Bool)) throws -> Int {
        guard !sum.overflow else { throw Rejection("The stock is too large to count.") }
        return sum.partialValue
    }
}
