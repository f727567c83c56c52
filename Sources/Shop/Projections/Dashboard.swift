public import Roost

/// The shop right now: orders by status, revenue, stock.
///
/// Counters and the rows of one stream only: nothing here depends on the order between partitions.
public enum Dashboard: Projection {
    /// Also the name of its process in the topology.
    public static let name = "dashboard"

    /// Money is in minor units, times are in nanoseconds since 1970.
    public static let tables: [TableDefinition] = [
        TableDefinition(
            "orders", key: ["stream"],
            sql: """
                CREATE TABLE orders(
                    stream TEXT PRIMARY KEY, status TEXT NOT NULL, customer TEXT, country TEXT NOT NULL,
                    lines INTEGER NOT NULL, total INTEGER NOT NULL, paid INTEGER NOT NULL, placedAt INTEGER NOT NULL,
                    shipments INTEGER NOT NULL
                ) WITHOUT ROWID
                """),
        TableDefinition(
            "statuses", key: ["status"],
            sql: """
                CREATE TABLE statuses(
                    status TEXT PRIMARY KEY, orders INTEGER NOT NULL, paid INTEGER NOT NULL
                ) WITHOUT ROWID
                """),
        TableDefinition(
            "stock", key: ["sku"],
            sql: """
                CREATE TABLE stock(
                    sku TEXT PRIMARY KEY, level INTEGER NOT NULL, lowThreshold INTEGER NOT NULL,
                    received INTEGER NOT NULL, shipped INTEGER NOT NULL, shippedLines INTEGER NOT NULL
                ) WITHOUT ROWID
                """),
    ]

    /// Counts only what an event itself says, or what its own stream said before.
    public static let routes: [ProjectionRoute] = [
        .on(OrderPlaced.type, Placed.self, placed),
        .on(OrderPaid.type, Amount.self) { paid, event, tables in
            try tables.run(
                "UPDATE orders SET status = 'paid', paid = ? WHERE stream = ?", SQLValue(paid.amount),
                SQLValue(event.stream.description))
            try move(from: .placed, to: .paid, holding: 0, then: paid.amount, tables)
        },
        .on(OrderShipped.type, Shipped.self) { shipped, event, tables in
            try tables.run(
                "UPDATE orders SET status = 'shipped', shipments = shipments + 1 WHERE stream = ?",
                SQLValue(event.stream.description))
            let before = shipped.again ? OrderStatus.cancelled : .paid
            try move(from: before, to: .shipped, holding: shipped.amount, then: shipped.amount, tables)
        },
        .on(OrderCancelled.type, Cancelled.self) { cancelled, event, tables in
            try tables.run(
                "UPDATE orders SET status = 'cancelled' WHERE stream = ?", SQLValue(event.stream.description))
            try move(
                from: cancelled.from, to: .cancelled, holding: cancelled.amount, then: cancelled.amount, tables)
        },
        .on(InventoryReceived.type, Level.self) { stock, _, tables in
            try count(stock, received: stock.quantity, shipped: 0, lines: 0, tables)
        },
        .on(InventoryDecremented.type, Level.self) { stock, _, tables in
            try count(stock, received: 0, shipped: stock.quantity, lines: 1, tables)
        },
    ]

    private static func placed(_ placed: Placed, _ event: RecordedEvent, _ tables: Tables) throws {
        try tables.run(
            "INSERT INTO orders VALUES(?, 'placed', ?, ?, ?, ?, 0, ?, 0)",
            SQLValue(event.stream.description), SQLValue(placed.customer), SQLValue(placed.address.country),
            SQLValue(placed.lines.count), SQLValue(placed.total), .integer(event.occurred.nanoseconds))
        try tables.run(
            """
            INSERT INTO statuses VALUES('placed', 1, 0) ON CONFLICT DO UPDATE SET orders = orders + 1
            """)
    }

    /// One order leaves a status, with the money it held there, and enters another.
    private static func move(
        from: OrderStatus, to: OrderStatus, holding before: Int, then after: Int, _ tables: Tables
    ) throws {
        try tables.run(
            """
            INSERT INTO statuses VALUES(?, -1, -?), (?, 1, ?)
            ON CONFLICT DO UPDATE SET orders = orders + excluded.orders, paid = paid + excluded.paid
            """, SQLValue(from.rawValue), SQLValue(before), SQLValue(to.rawValue), SQLValue(after))
    }

    private static func count(_ stock: Level, received: Int, shipped: Int, lines: Int, _ tables: Tables) throws {
        try tables.run(
            """
            INSERT INTO stock VALUES(?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE
            SET level = excluded.level, lowThreshold = excluded.lowThreshold, received = received + excluded.received,
                shipped = shipped + excluded.shipped, shippedLines = shippedLines + excluded.shippedLines
            """,
            SQLValue(stock.sku), SQLValue(stock.level), SQLValue(stock.lowThreshold), SQLValue(received),
            SQLValue(shipped), SQLValue(lines))
    }
}

// What the handlers read of each event: only these fields are decoded.
extension Dashboard {
    private struct Placed: Decodable {
        struct Place: Decodable { let country: String }
        struct Line: Decodable {}
        let customer: String?
        let address: Place
        let lines: [Line]
        let total: Int
    }
    private struct Amount: Decodable { let amount: Int }
    private struct Shipped: Decodable {
        let amount: Int
        let again: Bool
    }
    private struct Cancelled: Decodable {
        let from: OrderStatus
        let amount: Int
    }
    private struct Level: Decodable {
        let sku: String
        let quantity: Int
        let level: Int
        let lowThreshold: Int
    }
}
