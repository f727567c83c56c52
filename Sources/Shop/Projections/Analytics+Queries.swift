public import Roost

extension Analytics {
    /// The same sums by hour, day and month, and over everything. Money is in minor units.
    public static let queries: [ProjectionQuery] = [
        over("hours", help: "Hour by hour (UTC), newest first", format: "%Y-%m-%dT%H:00Z"),
        over("days", help: "Day by day (UTC), newest first", format: "%Y-%m-%d"),
        over("months", help: "Month by month (UTC), newest first", format: "%Y-%m"),
        ProjectionQuery("totals", help: "Everything since the first order", sql: "SELECT \(sums) FROM hours"),
    ]

    /// Times are in milliseconds; NULL where nothing was shipped.
    private static let sums = """
        coalesce(sum(orders), 0) AS orders, coalesce(sum(revenue), 0) AS revenue,
        coalesce(sum(cancellations), 0) AS cancellations, coalesce(sum(shippedAgain), 0) AS shippedAgain,
        coalesce(sum(shipped), 0) AS shipped,
        round(sum(waited) / 1000.0 / nullif(sum(shipped), 0), 3) AS placedToShippedMeanMilliseconds,
        min(waitedLeast) / 1000.0 AS placedToShippedLeastMilliseconds,
        max(waitedMost) / 1000.0 AS placedToShippedMostMilliseconds
        """

    private static func over(_ name: String, help: String, format: String) -> ProjectionQuery {
        ProjectionQuery(
            name, help: help,
            parameters: [.init("from", standard: ""), .init("to", standard: "9999"), .init("limit", standard: 50)],
            sql: """
                SELECT strftime('\(format)', hour, 'unixepoch') AS period, \(sums) FROM hours
                GROUP BY period HAVING period >= CAST(:from AS TEXT) AND period <= CAST(:to AS TEXT)
                ORDER BY period DESC LIMIT CAST(:limit AS INTEGER)
                """)
    }
}
