package import RoostNode
package import RoostTrace

/// How a rebuild compares with the live projection. Document `roost.rebuild/1`.
package struct RebuildDocument: Codable, Sendable {
    package static let schema = "roost.rebuild/1"

    package let schema: String
    package let projection: String
    /// Events of the log that are in the rows.
    package let events: UInt64
    /// Those of them that were in the base it began with; null where it began with the first event.
    @Explicit package private(set) var base: UInt64?
    /// It has gone on with what an interrupted one by the same build had left; `seconds` is what it took itself.
    package let resumed: Bool
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
    /// The directory of the base that its rows are now; null without `--keep`, and for a difference.
    @Explicit package private(set) var kept: String?
    /// Why its rows were not kept though they are proved; null where they were, or without `--keep`.
    @Explicit package private(set) var notKept: String?
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
    }

    /// `certificate` and `kept` are paths.
    package init(
        _ result: RebuildResult, swapped: Bool, certificate: String?, kept: String?,
        predicted: RebuildPredictionDocument?
    ) {
        schema = Self.schema
        projection = result.projection
        events = result.events
        _base = Explicit(wrappedValue: result.base?.events)
        resumed = result.isResumed
        seconds = result.seconds
        verdict = result.verdict.rawValue
        root = result.root
        liveRoot = result.liveRoot
        self.swapped = swapped
        tables = zip(result.tables, result.liveTables).map { table, live in
            Table(name: table.name, rows: table.rows, liveRows: live.rows, equal: table.root == live.root)
        }
        parked = Self.parked(result.setAside)
        liveParked = Self.parked(result.liveSetAside)
        setAsideEqual = result.setAside == result.liveSetAside
        differences = result.differences
        partings = result.partings
        fullTextWhole = result.isFullTextWhole
        _certificate = Explicit(wrappedValue: certificate)
        _kept = Explicit(wrappedValue: kept)
        _notKept = Explicit(wrappedValue: result.notKept)
        memory = result.memory
        _predicted = Explicit(wrappedValue: predicted)
    }

    private static func parked(_ setAside: [RebuildCertificate.Table]) -> UInt64 {
        setAside.first { $0.name == "roost_parked" }?.rows ?? 0
    }
}
