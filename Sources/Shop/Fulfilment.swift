public import Roost

/// Carries an order out: what is placed gets paid, what is paid gets shipped, what is shipped leaves the stock. An order that
/// is to be paid later and is not within half an hour is cancelled.
public enum Fulfilment: Reactor {
    /// Also the name of its process in the topology; part of every derived command ID, so it never changes.
    public static let name = "fulfilment"
    /// A new cluster carries out every order that its log holds.
    public static let start = ReactorStart.beginning

    /// How long an order waits for its payment.
    public static let timeToPay = Duration.seconds(30 * 60)
    private static let unpaid: TimerName = "unpaid"

    /// Each event leads to the next step of its own order, or to one decrement for each line.
    public static let routes: [ReactorRoute] = [
        .on(OrderPlaced.type, Total.self) { placed, event in
            guard placed.payLater else { return [FollowUp(PayOrder(amount: placed.total), to: event.stream)] }
            return [FollowUp(ExpireOrder(), to: event.stream, .after(timeToPay), timer: unpaid)]
        },
        .on(OrderPaid.type) { event in
            [FollowUp(ShipOrder(again: false), to: event.stream), .cancel(timer: unpaid, of: event.stream)]
        },
        .on(OrderCancelled.type) { event in [.cancel(timer: unpaid, of: event.stream)] },
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
