public import Roost

extension Search {
    /// Words in anything, one product, one customer.
    public static let queries: [ProjectionQuery] = [
        ProjectionQuery(
            "text", help: "What contains all the words, best first; kind=order, product or customer narrows it",
            parameters: [.init("text"), .init("kind", standard: ""), .init("limit", standard: 20)],
            sql: """
                SELECT kind, id, status, price, snippet(words, 1, '', '', '…', 12) AS excerpt
                FROM words JOIN documents ON documents.rowid = words.rowid
                WHERE words MATCH \(ProjectionQuery.allWords(":text")) AND :kind IN ('', kind)
                ORDER BY bm25(words, 10, 1), kind, id LIMIT CAST(:limit AS INTEGER)
                """),
        ProjectionQuery(
            "product", help: "One product, as in sku=85123A: its newest description and price",
            parameters: [.init("sku")],
            sql: "SELECT id AS sku, body AS description, price FROM documents WHERE kind = 'product' AND id = :sku"),
        ProjectionQuery(
            "customer", help: "One customer, as in customer=17850",
            parameters: [.init("customer")],
            sql: """
                SELECT id AS customer, body AS description FROM documents
                WHERE kind = 'customer' AND id IN (:customer, 'customer/' || :customer)
                """),
    ]
}
