/// How a rebuild compares with the live projection. Document `roost.rebuild/1`.
package struct RebuildDocument: Codable, Sendable {
    package static let schema = "roost.rebuild/1"

    package let schema: String
    package let projection: String
    /// Events read from the log.
    package let events: UInt64
    package let seconds: Double
    /// `equal` or `different`.
    package let verdict: String
    /// Digest over all tables of the rebuilt projection, in hexadecimal digits.
    package let root: String
    /// The digest of the live one.
    package let liveRoot: String
    /// The rebuilt database has taken the live one's place.
    package let swapped: Bool
    package init(
        projection: String, events: UInt64, seconds: Double, verdict: String, root: String, liveRoot: String,
        swapped: Bool
    ) {
        schema = Self.schema
        self.projection = projection
        self.events = events
        self.seconds = seconds
        self.verdict = verdict
        self.root = root
        self.liveRoot = liveRoot
        self.swapped = swapped
    }
}
