import Roost
import RoostTesting
import Shop
import Testing

@Suite("States of the shop's aggregates survive being kept") struct SnapshotTests {
    @Test("The samples show every kind of event")
    func samples() throws {
        try SnapshotSpec<Order>(id: "1").samplesAreComplete()
        try SnapshotSpec<Stock>(id: "85123A").samplesAreComplete()
        try SnapshotSpec<Customer>(id: "17850").samplesAreComplete()
    }

    @Test("state(snapshot + tail) = state(full replay) over random histories", arguments: 1...20)
    func law(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        try SnapshotSpec<Order>(id: "1").holds(for: history(of: Order.self, id: "1", &random, Self.orderCommand))
        try SnapshotSpec<Stock>(id: "S").holds(for: history(of: Stock.self, id: "S", &random, Self.stockCommand))
    }

    /// What random commands lead to; those that are refused lead to nothing.
    private func history<A: Aggregate>(
        of type: A.Type, id: String, _ random: inout SeededRandom, _ command: (inout SeededRandom) -> A.Command
    ) -> [A.Event] {
        var state = A.initial(id: id)
        var events: [A.Event] = []
        for _ in 0..<60 {
            let decided = (try? A.decide(command(&random), state)) ?? []
            for event in decided { A.evolve(&state, event) }
            events += decided
        }
        return events
    }

    private static func orderCommand(_ random: inout SeededRandom) -> OrderCommand {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: .place(Sample.placeOrder())
        case 1: .pay(PayOrder(amount: Sample.total))
        case 2: .ship(ShipOrder(again: Bool.random(using: &random)))
        default: .cancel(CancelOrder(reason: "reason \(Int.random(in: 0..<9, using: &random))"))
        }
    }

    private static func stockCommand(_ random: inout SeededRandom) -> StockCommand {
        guard Int.random(in: 0..<4, using: &random) == 0 else {
            return .decrement(
                DecrementInventory(
                    quantity: Int.random(in: 1...9, using: &random), order: "order/1",
                    line: Int.random(in: 1...9, using: &random)))
        }
        return .receive(ReceiveStock(quantity: Int.random(in: 1...50, using: &random)))
    }
}
