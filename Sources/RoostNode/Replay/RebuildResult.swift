package import RoostCore

/// The last line that the process of a rebuild prints: what it found. Document `roost.rebuild-result/1`.
package struct RebuildResult: Codable, Hashable, Sendable {
    /// Whether the rebuilt rows are those of the live projection.
    package enum Verdict: String, Codable, Hashable, Sendable { case equal, different }

    /// Another number means another shape.
    package let schema: String
    package let projection: String
    /// Events of the log that are in the rows.
    package let events: UInt64
    package let seconds: Double
    package let verdict: Verdict
    /// Root of the digest over the rebuilt rows and what is set aside, hexadecimal.
    package let root: String
    /// The same of the live projection.
    package let liveRoot: String
    /// The live full-text indexes match their content.
    package let isFullTextWhole: Bool
    /// The revision of the projection that made it again.
    package let revision: Int
    /// SHA-256 of the executable that made it again.
    package let build: String
    /// Where both stood when they were compared.
    package let partitions: [RebuildCertificate.Partition]
    /// The tables that were compared, rebuilt.
    package let tables: [RebuildCertificate.Table]
    package let liveTables: [RebuildCertificate.Table]
    /// The events that the rebuild has parked and discarded, as `roost_parked` and `roost_discarded`; none where there are none.
    package let setAside: [RebuildCertificate.Table]
    package let liveSetAside: [RebuildCertificate.Table]
    /// The first rows that differ.
    package let differences: [RowDifferenceDocument]
    /// Where the two part.
    package let partings: [PartingDocument]
    /// It has gone on with what an interrupted one had left.
    package let isResumed: Bool
    /// Bytes of memory that the process had at most.
    package let memory: UInt64
    /// The base that it began with; nil for the first event.
    package let base: RebuildCertificate.Base?
    /// Its rows are laid by to be a base.
    package let isLaidBy: Bool
    /// Why they are not, where that was asked for.
    package let notKept: String?

    package init(
        _ result: Rebuilder.Result, revision: Int, build: String, partitions: [PartitionID], seconds: Double
    ) {
        schema = "roost.rebuild-result/1"
        projection = result.projection
        events = result.events
        self.seconds = seconds
        verdict = result.isEqual ? .equal : .different
        root = Hexadecimal.text(result.root)
        liveRoot = Hexadecimal.text(result.liveRoot)
        isFullTextWhole = result.isFullTextWhole
        self.revision = revision
        self.build = build
        self.partitions = partitions.map { RebuildCertificate.Partition($0, result.progress[$0] ?? Progress()) }
        tables = result.tables.map { RebuildCertificate.Table($0) }
        liveTables = result.liveTables.map { RebuildCertificate.Table($0) }
        setAside = result.setAside.map { RebuildCertificate.Table($0) }
        liveSetAside = result.liveSetAside.map { RebuildCertificate.Table($0) }
        differences = result.explanation.rows.map(RowDifferenceDocument.init)
        partings = result.explanation.partings.map(PartingDocument.init)
        isResumed = result.isResumed
        memory = result.memory
        base = result.base.map { RebuildCertificate.Base($0.certificate) }
        switch result.keeping {
        case .notAsked: (isLaidBy, notKept) = (false, nil)
        case .laidBy: (isLaidBy, notKept) = (true, nil)
        case .not(let reason): (isLaidBy, notKept) = (false, reason)
        }
    }
}

/// What a rebuild is told besides which projection: the arguments of its process.
package struct RebuildWishes: Hashable, Sendable {
    /// Events a second to keep to; nil for as fast as it goes.
    package var rate: Int?
    /// The base to begin with, by its events; nil for the first event.
    package var base: UInt64?
    /// A certificate is wanted.
    package var proves = false
    /// Its rows are to be laid by as a base.
    package var keeps = false
    /// It shall take the live one's place.
    package var swaps = false
    /// What earlier ones have left, and kept, is to go first.
    package var isFresh = false

    package init() {}

    /// From `arguments`. Throws at what is none of them.
    package init(arguments: [String]) throws {
        for argument in arguments {
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let number = parts.count == 2 ? UInt64(parts[1]) : nil
            switch (parts[0], number) {
            case ("rate", let number?) where number > 0: rate = Int(clamping: number)
            case ("base", let number?): base = number
            case ("prove", nil) where parts.count == 1: proves = true
            case ("keep", nil) where parts.count == 1: keeps = true
            case ("swap", nil) where parts.count == 1: swaps = true
            case ("fresh", nil) where parts.count == 1: isFresh = true
            default: throw ReaderFailure("a rebuild knows nothing of '\(argument)'")
            }
        }
    }

    package var arguments: [String] {
        var arguments = [rate.map { "rate=\($0)" }, base.map { "base=\($0)" }].compactMap { $0 }
        if proves { arguments.append("prove") }
        if keeps { arguments.append("keep") }
        if swaps { arguments.append("swap") }
        if isFresh { arguments.append("fresh") }
        return arguments
    }
}
