package import RoostCore
package import RoostNode

/// The rows a projection answered, and the log positions they rest on. Document `roost.query/1`.
package struct QueryDocument: Encodable, Sendable {
    package static let schema = "roost.query/1"

    /// Where the projection stood in one partition when it answered.
    package struct AsOf: Codable, Sendable {
        package let partition: PartitionID
        package let position: Position
    }

    package let schema: String
    package let projection: String
    package let query: String
    package let columns: [String]
    package let rows: [[SQLValue]]
    package let asOf: [AsOf]

    package init(projection: String, query: String, columns: [String], rows: [[SQLValue]], asOf: [AsOf]) {
        schema = Self.schema
        self.projection = projection
        self.query = query
        self.columns = columns
        self.rows = rows
        self.asOf = asOf
    }

    private enum Key: String, CodingKey { case schema, projection, query, columns, rows, asOf }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(schema, forKey: .schema)
        try container.encode(projection, forKey: .projection)
        try container.encode(query, forKey: .query)
        try container.encode(columns, forKey: .columns)
        try container.encode(rows.map { Row(columns: columns, values: $0) }, forKey: .rows)
        try container.encode(asOf, forKey: .asOf)
    }
}

/// A row as an object with the names of its columns.
private struct Row: Encodable {
    let columns: [String]
    let values: [SQLValue]

    struct Column: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Column.self)
        for (name, value) in zip(columns, values) {
            let key = Column(stringValue: name)
            switch value {
            case .null: try container.encodeNil(forKey: key)
            case .integer(let number): try container.encode(number, forKey: key)
            case .real(let number): try container.encode(number, forKey: key)
            case .text(let text): try container.encode(text, forKey: key)
            case .blob(let bytes): try container.encode(Hexadecimal.text(bytes), forKey: key)
            }
        }
    }
}
