package import RoostSchema

/// What an application publishes, against what it has published before. Document `roost.publicSchemas/1`.
package struct PublicSchemasDocument: Encodable, Sendable {
    package let schema = "roost.publicSchemas/1"
    /// Public events of the application.
    package let events: Int
    /// Earlier schemas that they were compared with.
    package let compared: Int
    package let breaking: [BreakingChange]
    /// Files that were written; none by a check, and none when a change would break somebody.
    package let written: [String]
    package var ok: Bool { breaking.isEmpty }

    private enum CodingKeys: String, CodingKey { case schema, events, compared, ok, breaking, written }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(schema, forKey: .schema)
        try container.encode(events, forKey: .events)
        try container.encode(compared, forKey: .compared)
        try container.encode(ok, forKey: .ok)
        try container.encode(breaking, forKey: .breaking)
        try container.encode(written, forKey: .written)
    }
}
