public import Roost

/// Finds orders, products and customers by the words in them.
///
/// Products and customers are written by events of several partitions: the last writer wins, by `writeOrder`. What a
/// customer says in its own stream wins over what an order says about it. Triggers keep the full text in step.
public enum Search: Projection {
    /// Also the name of its process in the topology.
    public static let name = "search"

    /// One row for each thing that can be found, and the full text of all rows.
    public static let tables: [TableDefinition] = [
        TableDefinition(
            "documents", key: ["kind", "id"],
            sql: """
                CREATE TABLE documents(
                    kind TEXT NOT NULL, id TEXT NOT NULL, title TEXT NOT NULL, body TEXT NOT NULL,
                    status TEXT, price INTEGER, authority INTEGER NOT NULL, written BLOB NOT NULL,
                    PRIMARY KEY(kind, id));
                CREATE TRIGGER documents_added AFTER INSERT ON documents BEGIN
                    INSERT INTO words(rowid, title, body) VALUES(new.rowid, new.title, new.body);
                END;
                CREATE TRIGGER documents_changed AFTER UPDATE OF title, body ON documents
                WHEN old.title <> new.title OR old.body <> new.body BEGIN
                    INSERT INTO words(words, rowid, title, body) VALUES('delete', old.rowid, old.title, old.body);
                    INSERT INTO words(rowid, title, body) VALUES(new.rowid, new.title, new.body);
                END
                """),
        TableDefinition(
            fullText: "words",
            sql: """
                CREATE VIRTUAL TABLE words USING fts5(
                    title, body, content = 'documents', tokenize = 'unicode61 remove_diacritics 2')
                """),
    ]

    /// Orders come from their own stream; products and customers from whatever names them.
    public static let routes: [ProjectionRoute] = [
        .on(OrderPlaced.type, Placed.self) { placed, event, tables in
            try addOrder(placed, event, tables)
            for line in placed.lines where !line.description.isEmpty { try noteProduct(line, event, tables) }
            if let customer = placed.customer {
                try noteCustomer(customer, placed.address, authority: 0, event, tables)
            }
        },
        .on(OrderPaid.type) { event, tables in try setStatus("paid", event, tables) },
        .on(OrderShipped.type) { event, tables in try setStatus("shipped", event, tables) },
        .on(OrderCancelled.type) { event, tables in try setStatus("cancelled", event, tables) },
        .on(CustomerRegistered.type, Moved.self) { customer, event, tables in
            try noteCustomer(customer.customer, customer.address, authority: 1, event, tables)
        },
        .on(AddressChanged.type, Moved.self) { customer, event, tables in
            try noteCustomer(customer.customer, customer.address, authority: 1, event, tables)
        },
    ]

    private static func addOrder(_ placed: Placed, _ event: RecordedEvent, _ tables: Tables) throws {
        let stream = event.stream
        let articles = placed.lines.map { "\($0.sku) \($0.description)" }.joined(separator: " ")
        try tables.run(
            "INSERT INTO documents VALUES('order', ?, ?, ?, 'placed', ?, 0, ?)",
            SQLValue(stream.description), SQLValue("order \(stream.id)"),
            SQLValue("\(placed.customer ?? "guest") \(placed.address.words) \(articles)"), SQLValue(placed.total),
            event.writeOrder)
    }

    private static func setStatus(_ status: String, _ event: RecordedEvent, _ tables: Tables) throws {
        try tables.run(
            "UPDATE documents SET status = ? WHERE kind = 'order' AND id = ?", SQLValue(status),
            SQLValue(event.stream.description))
    }

    /// Among the lines of one event the last one wins, as they all have the same place in the order.
    private static func noteProduct(_ line: Placed.Line, _ event: RecordedEvent, _ tables: Tables) throws {
        try tables.run(
            """
            INSERT INTO documents VALUES('product', ?, ?, ?, NULL, ?, 0, ?) ON CONFLICT DO UPDATE
            SET body = excluded.body, price = excluded.price, written = excluded.written
            WHERE excluded.written >= written
            """,
            SQLValue(line.sku), SQLValue(line.sku), SQLValue(line.description), SQLValue(line.unitPrice),
            event.writeOrder)
    }

    private static func noteCustomer(
        _ customer: String, _ address: Address, authority: Int, _ event: RecordedEvent, _ tables: Tables
    ) throws {
        try tables.run(
            """
            INSERT INTO documents VALUES('customer', ?, ?, ?, NULL, NULL, ?, ?) ON CONFLICT DO UPDATE
            SET body = excluded.body, authority = excluded.authority, written = excluded.written
            WHERE (excluded.authority, excluded.written) > (authority, written)
            """,
            SQLValue(customer), SQLValue(customer), SQLValue(address.words), SQLValue(authority), event.writeOrder)
    }

    private struct Placed: Decodable {
        struct Line: Decodable {
            let sku: String
            let description: String
            let unitPrice: Int
        }
        let customer: String?
        let address: Address
        let lines: [Line]
        let total: Int
    }
    private struct Moved: Decodable {
        let customer: String
        let address: Address
    }
}
