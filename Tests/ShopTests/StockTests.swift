import Roost
import RoostTesting
import Shop
import Testing

@Suite("The rules of stock")
struct StockTests {
    private let stock = DeciderSpec<Stock>(id: "BANK CHARGES")

    private func decrement(_ quantity: Int, line: Int = 1) -> StockCommand {
        .decrement(DecrementInventory(quantity: quantity, order: "order/17", line: line))
    }

    private func decremented(_ quantity: Int, level: Int, threshold: Int = 10) -> StockEvent {
        .decremented(
            InventoryDecremented(
                sku: "BANK CHARGES", quantity: quantity, order: "order/17", line: 1, level: level,
                lowThreshold: threshold))
    }

    @Test("Stock that was never received may go negative, without a warning")
    func negative() throws {
        try stock.when(decrement(6)).then(decremented(6, level: -6))
        try stock.given(commands: decrement(6)).when(decrement(1)).then(decremented(1, level: -7))
    }

    @Test("The warning comes with the command that crosses the threshold downwards, and once")
    func threshold() throws {
        let full = try stock.given(commands: .receive(ReceiveStock(quantity: 12)))
        try full.when(decrement(2)).then(decremented(2, level: 10))
        try full.when(decrement(3)).then(
            decremented(3, level: 9), .low(StockLow(sku: "BANK CHARGES", level: 9, lowThreshold: 10)))
        try full.given(commands: decrement(3)).when(decrement(1)).then(decremented(1, level: 8))
    }

    @Test("After more has come in, falling below is said again")
    func thresholdAgain() throws {
        try stock
            .given(commands: .receive(ReceiveStock(quantity: 12)), decrement(5), .receive(ReceiveStock(quantity: 3)))
            .when(decrement(1))
            .then(decremented(1, level: 9), .low(StockLow(sku: "BANK CHARGES", level: 9, lowThreshold: 10)))
    }

    @Test("A delivery sets the threshold for what comes after it")
    func ownThreshold() throws {
        let event = InventoryReceived(sku: "BANK CHARGES", quantity: 100, level: 100, lowThreshold: 50)
        try stock.when(.receive(ReceiveStock(quantity: 100, lowThreshold: 50))).then(.received(event))
        try stock.given(.received(event)).when(.receive(ReceiveStock(quantity: 1))).then(
            .received(InventoryReceived(sku: "BANK CHARGES", quantity: 1, level: 101, lowThreshold: 50)))
        try stock.given(.received(event)).when(decrement(51)).then(
            decremented(51, level: 49, threshold: 50),
            .low(StockLow(sku: "BANK CHARGES", level: 49, lowThreshold: 50)))
    }

    @Test("Quantities below one and levels too large to count are refused", arguments: [0, -1, Int.min, Int.max])
    func senseless(quantity: Int) throws {
        try stock.when(decrement(quantity)).thenRejected("quantity")
        try stock.when(.receive(ReceiveStock(quantity: quantity))).thenRejected("quantity")
        try stock.when(.receive(ReceiveStock(quantity: 1, lowThreshold: -1))).thenRejected("threshold")
        let empty = InventoryReceived(sku: "BANK CHARGES", quantity: 1, level: .min, lowThreshold: 10)
        try stock.given(.received(empty)).when(decrement(1)).thenRejected("too large to count")
    }
}
