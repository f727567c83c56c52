public import Roost

/// The shop over time, by the hour in which things occurred (UTC): orders, revenue, cancellations, second shipments,
/// and how long the first shipment took by the log's own clock.
///
/// Days and months are sums of hours. An order's revenue belongs to the hour in which it was paid: a cancellation takes
/// it out of there, a second shipment puts it back.
public enum Analytics: Projection {
    /// Also the name of its process in the topology.
    public static let name = "analytics"

    /// `hour` is in seconds since 1970, waiting is in microseconds, money is in minor units.
    public static let tables: [TableDefinition] = [
        TableDefinition(
            "hours", key: ["hour"],
            sql: """
                CREATE TABLE hours(
                    hour INTEGER PRIMARY KEY, orders INTEGER NOT NULL DEFAULT 0, revenue INTEGER NOT NULL DEFAULT 0,
                    cancellations INTEGER NOT NULL DEFAULT 0, shippedAgain INTEGER NOT NULL DEFAULT 0,
                    shipped INTEGER NOT NULL DEFAULT 0, waited INTEGER NOT NULL DEFAULT 0,
                    waitedLeast INTEGER, waitedMost INTEGER)
                """),
        TableDefinition(
            "orders", key: ["stream"],
            sql: """
                CREATE TABLE orders(
                    stream TEXT PRIMARY KEY, placedRecorded INTEGER NOT NULL, paidHour INTEGER
                ) WITHOUT ROWID
                """),
    ]

    /// Every order event counts in the hour in which it occurred; revenue in the hour in which the order was paid.
    public static let routes: [ProjectionRoute] = [
        .on(OrderPlaced.type) { event, tables in
            try tables.run(
                "INSERT INTO orders VALUES(?, ?, NULL)", SQLValue(event.stream.description),
                .integer(event.recorded.nanoseconds))
            try tables.run(
                "INSERT INTO hours(hour, orders) VALUES(?, 1) ON CONFLICT DO UPDATE SET orders = orders + 1",
                hour(of: event))
        },
        .on(OrderPaid.type, Amount.self) { paid, event, tables in
            try tables.run(
                "UPDATE orders SET paidHour = ? WHERE stream = ?", hour(of: event),
                SQLValue(event.stream.description))
            try add(paid.amount, to: hour(of: event), tables)
        },
        .on(OrderShipped.type, Shipped.self) { shipped, event, tables in
            guard shipped.again else { return try shippedFirst(event, tables) }
            try tables.run(
                """
                INSERT INTO hours(hour, shippedAgain) VALUES(?, 1)
                ON CONFLICT DO UPDATE SET shippedAgain = shippedAgain + 1
                """, hour(of: event))
            try addWherePaid(shipped.amount, event, tables)
        },
        .on(OrderCancelled.type, Amount.self) { cancelled, event, tables in
            try tables.run(
                """
                INSERT INTO hours(hour, cancellations) VALUES(?, 1)
                ON CONFLICT DO UPDATE SET cancellations = cancellations + 1
                """, hour(of: event))
            try addWherePaid(-cancelled.amount, event, tables)
        },
    ]

    /// Adds how long it took, in microseconds of recorded time.
    private static func shippedFirst(_ event: RecordedEvent, _ tables: Tables) throws {
        let stream = SQLValue(event.stream.description)
        guard let placed = try tables.row("SELECT placedRecorded FROM orders WHERE stream = ?", stream)?[0].integer
        else { return }
        let waited = SQLValue.integer((event.recorded.nanoseconds - placed) / 1000)
        try tables.run(
            """
            INSERT INTO hours(hour, shipped, waited, waitedLeast, waitedMost) VALUES(?, 1, ?, ?, ?)
            ON CONFLICT DO UPDATE SET shipped = shipped + 1, waited = waited + excluded.waited,
                waitedLeast = min(coalesce(waitedLeast, excluded.waitedLeast), excluded.waitedLeast),
                waitedMost = max(coalesce(waitedMost, excluded.waitedMost), excluded.waitedMost)
            """, hour(of: event), waited, waited, waited)
    }

    /// Changes the revenue of the hour in which the order was paid; an order that never was has none.
    private static func addWherePaid(_ amount: Int, _ event: RecordedEvent, _ tables: Tables) throws {
        let row = try tables.row("SELECT paidHour FROM orders WHERE stream = ?", SQLValue(event.stream.description))
        guard let row, row[0] != .null else { return }
        try add(amount, to: row[0], tables)
    }

    private static func add(_ amount: Int, to hour: SQLValue, _ tables: Tables) throws {
        try tables.run(
            """
            INSERT INTO hours(hour, revenue) VALUES(?, ?)
            ON CONFLICT DO UPDATE SET revenue = revenue + excluded.revenue
            """, hour, SQLValue(amount))
    }

    /// The full hour in which the event occurred, in seconds since 1970.
    private static func hour(of event: RecordedEvent) -> SQLValue {
        let (hours, rest) = event.occurred.nanoseconds.quotientAndRemainder(dividingBy: 3_600_000_000_000)
        return .integer((rest < 0 ? hours - 1 : hours) * 3600)
    }

    private struct Amount: Decodable { let amount: Int }
    private struct Shipped: Decodable {
        let amount: Int
        let again: Bool
    }
}
