import Roost

/// One line of a placed order. The same article twice is two lines, told apart by their numbers.
public struct OrderLine: Codable, Hashable, Sendable {
    /// From 1, in the order in which they were placed.
    public var number: Int
    /// The article: the id of its stock stream.
    public var sku: String
    /// What the article was called when it was ordered; empty when nothing was said.
    public var description: String
    /// In pieces, from 1 to 10,000,000.
    public var quantity: Int
    /// In minor units.
    public var unitPrice: Int

    /// Checks nothing: the rules of `Order` decide.
    public init(number: Int, sku: String, description: String, quantity: Int, unitPrice: Int) {
        self.number = number
        self.sku = sku
        self.description = description
        self.quantity = quantity
        self.unitPrice = unitPrice
    }

    /// In minor units; nil when it is too large to count.
    var total: Int? {
        let (product, overflow) = quantity.multipliedReportingOverflow(by: unitPrice)
        return overflow ? nil : product
    }

    func check() throws {
        do {
            _ = try StreamName("stock/\(sku)")
        } catch {
            throw Rejection("Line \(number) names no article: \(error).", next: "Give a \"sku\" such as \"85123A\".")
        }
        try Limits.checkQuantity(quantity, "Line \(number)")
        try Limits.checkText(description, "The description of line \(number)")
        guard (0...Limits.unitPriceMax).contains(unitPrice) else {
            throw Rejection(
                "Line \(number) has price \(unitPrice).",
                next: "Give 0 to \(Limits.unitPriceMax), in minor units: 2.55 is 255.")
        }
    }

    /// The sum of all lines in minor units. Refuses what is too large to count.
    static func total(of lines: [OrderLine]) throws -> Int {
        let total = lines.reduce(0 as Int?) { sum, line in
            guard let sum, let more = line.total else { return nil }
            let (added, overflow) = sum.addingReportingOverflow(more)
            return overflow ? nil : added
        }
        guard let total, total <= Limits.totalMax else {
            throw Rejection(
                "The order costs more than \(Limits.totalMax) minor units.", next: "Split it into several orders.")
        }
        return total
    }
}
