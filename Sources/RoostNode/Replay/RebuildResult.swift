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
    package let isKept: Bool

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
        isKept = result.isKept
    }
}

/// What a rebuild is told besides which projection: the arguments of its process.
package struct RebuildOptions: Hashable, Sendable {
    /// Events a second to keep to; nil for as fast as it goes.
    package var rate: Int?
    /// The base to begin with, by its events; nil for the first event.
    package var base: UInt64?
    /// A certificate is wanted.
    package var proves = false
    /// Its rows are to be laid by as a base.
    package var keeps = false

    package init(rate: Int? = nil, base: UInt64? = nil, proves: Bool = false, keeps: Bool = false) {
        self.rate = rate
        self.base = base
        self.proves = proves
        self.keeps = keeps
    }

    /// From arguments; what is none of its own is passed by.
    package init(arguments: [String]) {
        for argument in arguments {
            let parts = argument.split(separator: "=", maxSplits: 1)
            switch (parts[0], parts.dropFirst().first) {
            case ("rate", let number?): rate = Int(number).flatMap { $0 > 0 ? $0 : nil }
            case ("base", let number?): base = UInt64(number)
            case ("prove", nil): proves = true
            case ("keep", nil): keeps = true
            default: continue
            }
        }
    }

    package var arguments: [String] {
        [rate.map { "rate=\($0)" }, base.map { "base=\($0)" }, proves ? "prove" : nil, keeps ? "keep" : nil]
            .compactMap { $0 }
    }
}
