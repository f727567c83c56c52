package import RoostNode
package import RoostTrace

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
    package let tables: [Table]
    /// Events that the rebuild has parked, and that the live one has.
    package let parked: UInt64
    package let liveParked: UInt64
    /// Both have parked and discarded the same events.
    package let setAsideEqual: Bool
    /// The first rows that differ.
    package let differences: [RowDifferenceDocument]
    /// Where the two part.
    package let partings: [PartingDocument]
    /// The live full-text indexes match their content.
    package let fullTextWhole: Bool
    /// The file that proves it; null without `--prove`, and for a difference.
    @Explicit package private(set) var certificate: String?
    /// Bytes of memory that its process had at most.
    package let memory: UInt64
    /// What `--dry-run` predicted; null where it was not asked, and for a rebuild that went on with an interrupted one or was held
    /// to a rate.
    @Explicit package private(set) var predicted: RebuildPredictionDocument?

    /// One table that was compared.
    package struct Table: Codable, Sendable {
        package let name: String
        package let rows: UInt64
        package let liveRows: UInt64
        package let equal: Bool

        package init(name: String, rows: UInt64, liveRows: UInt64, equal: Bool) {
            self.name = name
            self.rows = rows
            self.liveRows = liveRows
            self.equal = equal
        }
    }

    package init(
        projection: String, events: UInt64, seconds: Double, verdict: String, root: String, liveRoot: String,
        swapped: Bool, tables: [Table], parked: UInt64, liveParked: UInt64, setAsideEqual: Bool,
        differences: [RowDifferenceDocument], partings: [PartingDocument], fullTextWhole: Bool, certificate: String?,
        memory: UInt64, predicted: RebuildPredictionDocument?
    ) {
        self.tables = tables
        self.parked = parked
        self.liveParked = liveParked
        self.setAsideEqual = setAsideEqual
        self.differences = differences
        self.partings = partings
        self.fullTextWhole = fullTextWhole
        _certificate = Explicit(wrappedValue: certificate)
        self.memory = memory
        _predicted = Explicit(wrappedValue: predicted)
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
