import Foundation
public import Roost

/// What partners of the shop may know: confirmed, dispatched and revoked orders, without personal data.
///
/// An order is confirmed when it is placed and paid, whichever number of events that took inside; one that was never paid
/// is nobody else's business.
public enum Partners: PublicFeed {
    /// Also the name of its process in the topology.
    public static let name = "partners"
    /// The shop.
    public static let source = "/shop"
    /// Everything that partners may receive.
    public static let events: [any PublicEvent.Type] = [
        OrderConfirmed.self, OrderDispatched.self, OrderRevoked.self,
    ]

    /// Placed orders until they are confirmed, and what partners know of the others.
    public static let tables: [TableDefinition] = [
        TableDefinition(
            "waiting", key: ["stream"],
            sql:
                "CREATE TABLE waiting(stream TEXT PRIMARY KEY, country TEXT NOT NULL, items TEXT NOT NULL) WITHOUT ROWID"
        ),
        TableDefinition(
            "confirmed", key: ["stream"],
            sql: "CREATE TABLE confirmed(stream TEXT PRIMARY KEY) WITHOUT ROWID"),
    ]

    /// All events of an order come from its own stream, in order.
    public static let routes: [FeedRoute] = [
        .on(OrderPlaced.type, Placed.self) { placed, event, tables in
            try tables.run(
                "INSERT INTO waiting VALUES(?,?,?)", SQLValue(event.stream.description),
                SQLValue(placed.address.country), SQLValue(try text(items(placed.lines))))
            return []
        },
        .on(OrderPaid.type, Paid.self) { paid, event, tables in
            let stream = event.stream.description
            let row = try tables.row("SELECT country, items FROM waiting WHERE stream = ?", SQLValue(stream))
            guard let row, let country = row[0].text, let text = row[1].text else { return [] }
            let items = try JSONDecoder().decode([PartnerItem].self, from: Data(text.utf8))
            try tables.run("DELETE FROM waiting WHERE stream = ?", SQLValue(stream))
            try tables.run("INSERT INTO confirmed VALUES(?)", SQLValue(stream))
            return [
                OrderConfirmed(order: stream, country: country, items: items, total: paid.amount, currency: "GBP")
            ]
        },
        .on(OrderShipped.type, Shipped.self) { shipped, event, _ in
            [OrderDispatched(order: event.stream.description, items: items(shipped.lines), again: shipped.again)]
        },
        .on(OrderCancelled.type, Cancelled.self) { cancelled, event, tables in
            let stream = SQLValue(event.stream.description)
            try tables.run("DELETE FROM waiting WHERE stream = ?", stream)
            guard try tables.row("SELECT 1 FROM confirmed WHERE stream = ?", stream) != nil else { return [] }
            return [OrderRevoked(order: event.stream.description, dispatched: cancelled.from == .shipped)]
        },
    ]

    private struct Placed: Decodable {
        struct Place: Decodable { let country: String }
        let address: Place
        let lines: [Line]
    }
    private struct Line: Decodable {
        let sku: String
        let quantity: Int
        let unitPrice: Int
    }
    private struct Paid: Decodable { let amount: Int }
    private struct Shipped: Decodable {
        let lines: [Line]
        let again: Bool
    }
    private struct Cancelled: Decodable { let from: OrderStatus }

    private static func items(_ lines: [Line]) -> [PartnerItem] {
        lines.map { PartnerItem(sku: $0.sku, quantity: $0.quantity, unitPrice: $0.unitPrice) }
    }

    /// Items on their way through a column.
    private static func text(_ items: [PartnerItem]) throws -> String {
        String(decoding: try JSONEncoder().encode(items), as: UTF8.self)
    }
}
