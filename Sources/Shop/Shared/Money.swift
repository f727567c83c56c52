import Roost

/// Limits that keep every sum far away from overflow: money is counted in minor units, pence here.
enum Limits {
    /// The highest price of one piece: ten million pounds.
    static let unitPriceMax = 1_000_000_000
    /// The most pieces in one line or one delivery.
    static let quantityMax = 10_000_000
    /// The highest total of one order: ten billion pounds.
    static let totalMax = 1_000_000_000_000
    /// The most lines of one order; each becomes a command when it is shipped.
    static let linesMax = 2000
    /// The longest reason or description, in bytes.
    static let textBytesMax = 1000

    static func checkQuantity(_ quantity: Int, _ what: String) throws {
        guard (1...quantityMax).contains(quantity) else {
            throw Rejection("\(what) has quantity \(quantity).", next: "Give 1 to \(quantityMax).")
        }
    }

    static func checkText(_ text: String, _ what: String) throws {
        guard text.utf8.count <= textBytesMax else {
            throw Rejection("\(what) has \(text.utf8.count) bytes.", next: "Use \(textBytesMax) at most.")
        }
    }
}
