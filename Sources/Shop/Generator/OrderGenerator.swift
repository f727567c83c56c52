public import Roost

/// Makes believable orders for a demo without data. The same seed gives the same orders, names and times for ever.
public struct OrderGenerator: CommandGenerator {
    private var random: SeededRandom
    private let seed: UInt64

    /// The seed decides everything: articles, names, places and times.
    public init(seed: UInt64) {
        self.seed = seed
        random = SeededRandom(seed: seed)
    }

    /// `count` orders, each under a command ID that follows from seed and number: sent again, they change nothing.
    public static func commands(count: Int, seed: UInt64) throws -> [ImportedCommand] {
        var generator = OrderGenerator(seed: seed)
        return try generator.orders(count)
    }

    /// `count` orders, from Monday 2 December 2024 on, about four minutes apart in business hours.
    public mutating func orders(_ count: Int) throws -> [ImportedCommand] {
        // Each seed has a range of numbers of its own.
        let first = 100_001 + Int((seed &- 1) % 1_000_000) * 1_000_000
        var minute = 0
        var orders: [ImportedCommand] = []
        for number in 0..<count {
            minute += Int.random(in: 1...7, using: &random)
            orders.append(
                try ImportedCommand(
                    order(), to: try StreamName("\(Order.category)/\(first + number)"),
                    commandIDPrefix: "generated-\(seed)-\(number)", occurred: Self.moment(minute)))
        }
        return orders
    }

    /// The orders as a file that `roost load` takes: one command a line.
    public mutating func lines(_ count: Int) throws -> String {
        try orders(count).map { order in
            let occurred = order.occurred.map { ",\"occurredAt\":\"\($0)\"" } ?? ""
            return """
                {"command":"\(order.command)","to":"\(order.stream)","commandID":"\(order.commandID)"\(occurred),\
                "data":\(order.data.text)}

                """
        }.joined()
    }

    private mutating func order() -> PlaceOrder {
        let isGuest = Int.random(in: 0..<5, using: &random) == 0
        let number = Int.random(in: 0..<320, using: &random)
        let count = 1 + min(Int.random(in: 0..<12, using: &random), Int.random(in: 0..<12, using: &random))
        return PlaceOrder(
            customer: isGuest ? nil : "\(Customer.category)/\(12_000 + number)",
            address: isGuest ? address(Int.random(in: 320..<5000, using: &random)) : address(number),
            lines: (0..<count).map { _ in line() })
    }

    /// A few articles sell far better than the rest, mostly in small numbers.
    private mutating func line() -> PlaceOrder.Line {
        let catalogue = Catalogue.articles
        let place = min(
            Int.random(in: 0..<catalogue.count, using: &random), Int.random(in: 0..<catalogue.count, using: &random))
        let quantities = [1, 1, 1, 2, 2, 3, 4, 6, 6, 8, 10, 12, 12, 24, 48]
        let article = catalogue[place]
        return PlaceOrder.Line(
            sku: article.sku, description: article.description,
            quantity: quantities[Int.random(in: 0..<quantities.count, using: &random)], unitPrice: article.price)
    }

    /// The same number always lives at the same place.
    private func address(_ number: Int) -> Address {
        var choice = SeededRandom(seed: seed &+ UInt64(number) &* 7919)
        func pick(_ words: [String]) -> String { words[Int.random(in: 0..<words.count, using: &choice)] }
        let isAtHome = Int.random(in: 0..<10, using: &choice) > 0
        let place =
            isAtHome ? Catalogue.home : Catalogue.abroad[Int.random(in: 0..<Catalogue.abroad.count, using: &choice)]
        return Address(
            name: .plain("\(pick(Catalogue.firstNames)) \(pick(Catalogue.lastNames))"),
            street: .plain("\(1 + number % 97) \(pick(Catalogue.streets))"), city: .plain(pick(place.cities)),
            country: place.country)
    }

    /// Ten hours a day from 08:00 UTC, six days a week.
    private static func moment(_ minute: Int) -> Timestamp {
        let (days, inDay) = minute.quotientAndRemainder(dividingBy: 600)
        let (weeks, weekday) = days.quotientAndRemainder(dividingBy: 6)
        let monday: Int64 = 1_733_097_600  // 2024-12-02T00:00:00Z
        return Timestamp(seconds: monday + Int64((weeks * 7 + weekday) * 86_400 + (480 + inDay) * 60))
    }
}
