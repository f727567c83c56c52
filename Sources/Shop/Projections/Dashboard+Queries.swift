public import Roost

extension Dashboard {
    /// Orders, money and stock as they are now. Money is in minor units.
    public static let queries: [ProjectionQuery] = [
        ProjectionQuery(
            "overview", help: "How many orders stand where, and the money paid for them in minor units",
            sql: "SELECT status, orders, paid FROM statuses ORDER BY status"),
        ProjectionQuery(
            "revenue", help: "What was paid, less the orders that are cancelled now, in minor units",
            sql: """
                SELECT coalesce(sum(paid), 0) AS paid,
                    coalesce(sum(paid) FILTER (WHERE status = 'cancelled'), 0) AS cancelled,
                    coalesce(sum(paid) FILTER (WHERE status <> 'cancelled'), 0) AS revenue
                FROM statuses
                """),
        ProjectionQuery(
            "stock", help: "Stock levels, lowest first; give sku=… for one article, low=1 for those below threshold",
            parameters: [
                .init("sku", standard: ""), .init("low", standard: 0), .init("limit", standard: 20),
            ],
            sql: """
                SELECT sku, level, level < lowThreshold AS low, lowThreshold, received, shipped, shippedLines FROM stock
                WHERE CAST(:sku AS TEXT) IN ('', sku) AND (CAST(:low AS INTEGER) = 0 OR level < lowThreshold)
                ORDER BY level, sku LIMIT CAST(:limit AS INTEGER)
                """),
        ProjectionQuery(
            "order", help: "One order, as in order=536365",
            parameters: [.init("order")],
            sql: """
                SELECT stream, status, customer, country, lines, total, paid, shipments,
                    strftime('%Y-%m-%dT%H:%M:%SZ', placedAt / 1000000000, 'unixepoch') AS placedAt
                FROM orders WHERE stream IN (:order, 'order/' || :order)
                """),
        ProjectionQuery(
            "orders", help: "The newest orders; give status=… or customer=… to see only those",
            parameters: [
                .init("status", standard: ""), .init("customer", standard: ""), .init("limit", standard: 20),
            ],
            sql: """
                SELECT stream, status, customer, country, lines, total, paid FROM orders
                WHERE :status IN ('', status) AND (:customer = '' OR customer IN (:customer, 'customer/' || :customer))
                ORDER BY placedAt DESC, stream DESC LIMIT CAST(:limit AS INTEGER)
                """),
    ]
}
