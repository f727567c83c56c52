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
    package let differences: [Difference]
    /// The live full-text indexes match their content.
    package let fullTextWhole: Bool
    /// The file that proves it; null without `--prove`, and for a difference.
    @Explicit package private(set) var certificate: String?

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

    /// One row that differs, and why.
    package struct Difference: Codable, Sendable {
        package let table: String
        package let key: String
        package let columns: [String]
        package let live: [String]
        package let rebuilt: [String]
        package let cause: String
        @Explicit package private(set) var eventID: String?
        @Explicit package private(set) var event: String?

        package init(
            table: String, key: String, columns: [String], live: [String], rebuilt: [String], cause: String,
            eventID: String?, event: String?
        ) {
            self.table = table
            self.key = key
            self.columns = columns
            self.live = live
            self.rebuilt = rebuilt
            self.cause = cause
            _eventID = Explicit(wrappedValue: eventID)
            _event = Explicit(wrappedValue: event)
        }
    }

    package init(
        projection: String, events: UInt64, seconds: Double, verdict: String, root: String, liveRoot: String,
        swapped: Bool, tables: [Table], parked: UInt64, liveParked: UInt64, setAsideEqual: Bool,
        differences: [Difference], fullTextWhole: Bool,
        certificate: String?
    ) {
        self.tables = tables
        self.parked = parked
        self.liveParked = liveParked
        self.setAsideEqual = setAsideEqual
        self.differences = differences
        self.fullTextWhole = fullTextWhole
        _certificate = Explicit(wrappedValue: certificate)
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
