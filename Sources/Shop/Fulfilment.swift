public import Roost

/// Carries an order out: what is placed gets paid, what is paid gets shipped, what is shipped leaves the stock.
public enum Fulfilment: Reactor {
    /// Also the name of its process in the topology; part of every derived command ID, so it never changes.
    public static let name = "fulfilment"
    /// A new cluster carries out every order that its log holds.
    public static let start = ReactorStart.beginning

    /// Each event leads to the next step of its own order, or to one decrement for each line.
    public static let routes: [ReactorRoute] = [
        .on(OrderPlaced.type, Total.self) { placed, event in
            placed.payLater ? [] : [FollowUp(PayOrder(amount: placed.total), to: event.stream)]
        },
        .on(OrderPaid.type) { event in
            [FollowUp(ShipOrder(again: false), to: event.stream)]
        },
        .on(OrderShipped.type, Goods.self) { shipped, event in
            let order = event.stream.description
            return try shipped.lines.map { line in
                FollowUp(
                    DecrementInventory(quantity: line.quantity, order: order, line: line.number),
                    to: try StreamName("\(Stock.category)/\(line.sku)"))
            }
        },
    ]

    /// The part of OrderPlaced that matters here.
    private struct Total: Decodable {
        let total: Int
        let payLater: Bool
    }

    /// The part of OrderShipped that matters here.
    private struct Goods: Decodable {
        struct Line: Decodable {
            let number: Int
            let sku: String
            let quantity: Int
        }
        let lines: [Line]
    }
}
