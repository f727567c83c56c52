package import RoostCore
import RoostLog

/// Why a live projection and one made again differ: the places where they part, and which of them each row shows.
package struct DivergenceExplanation: Sendable {
    /// One place where they part.
    package struct Parting: Sendable {
        /// See `Divergence.Cause`.
        package let cause: String
        /// nil where it is not about a stretch of events.
        package let stretch: Stretch?
        package let events: [(partition: PartitionID, event: RecordedEvent)]
    }

    /// The events after which the two were still the same, and after which they are not.
    package struct Stretch: Sendable {
        package let batch: UInt64
        package let after: [PartitionID: Position]
        package let through: [PartitionID: Position]
        package let events: UInt64
        /// The code that has applied them.
        package let build: String
    }

    /// One row that differs.
    package struct Row: Sendable {
        package let difference: RowDifference
        package let cause: String
        /// The first event of the parting that this row shows.
        package var event: (partition: PartitionID, event: RecordedEvent)?
        /// The row just before that event and just after it, as the log makes it; nil where there was none.
        package var before: [SQLValue]?
        package var after: [SQLValue]?
    }

    /// Rows that are named.
    static let rowsMax = 20

    package private(set) var partings: [Parting] = []
    package private(set) var rows: [Row] = []

    init() {}

    /// The two have not even the same columns.
    static let otherColumns: DivergenceExplanation = {
        var explanation = DivergenceExplanation()
        explanation.partings = [Parting(cause: Divergence.Cause.codeChanged.rawValue, stretch: nil, events: [])]
        return explanation
    }()

    /// `isSmall` says that the projection may be made in memory.
    init(
        _ found: [RowDifference], _ live: Divergence.Live, _ fold: DivergenceFold, build: String, isSmall: Bool
    ) throws {
        let findings =
            isSmall
            ? try Divergence(fold, live: live, build: build).findings() : [Divergence.Finding(cause: .unknown)]
        partings = findings.map(Parting.init)
        rows = try RowExplainer(fold, findings, live).rows(found)
    }
}

extension DivergenceExplanation.Parting {
    fileprivate init(_ finding: Divergence.Finding) {
        let stretch = finding.stretch.map {
            DivergenceExplanation.Stretch(
                batch: $0.batch, after: $0.after, through: $0.through, events: $0.events, build: $0.build)
        }
        self.init(cause: finding.cause.rawValue, stretch: stretch, events: finding.events)
    }
}

/// Says of each row which finding it shows.
private struct RowExplainer {
    private let fold: DivergenceFold
    private let findings: [Divergence.Finding]
    private let live: Divergence.Live

    init(_ fold: DivergenceFold, _ findings: [Divergence.Finding], _ live: Divergence.Live) {
        self.fold = fold
        self.findings = findings
        self.live = live
    }

    /// A row as the log makes it, around an event.
    private struct Around {
        let before: [SQLValue]?
        let after: [SQLValue]?
    }

    func rows(_ found: [RowDifference]) throws -> [DivergenceExplanation.Row] {
        let events = findings.filter { !$0.events.isEmpty }
        // What is not about single events: there is at most one, and it comes last.
        let rest = findings.last { $0.events.isEmpty }
        guard !events.isEmpty else {
            return found.map { DivergenceExplanation.Row(difference: $0, cause: (rest?.cause ?? .unknown).rawValue) }
        }
        let explained = rest == nil ? nil : try values(found, at: [live.vector], all(events)).last
        let around = try events.indices.map { try self.around(found, events[$0], all(events[..<$0])) }
        return found.indices.map { index in
            if let rest, let explained, explained[index] != found[index].live {
                return DivergenceExplanation.Row(difference: found[index], cause: rest.cause.rawValue)
            }
            let shown = events.indices.first { around[$0][index].before != around[$0][index].after } ?? 0
            return DivergenceExplanation.Row(
                difference: found[index], cause: events[shown].cause.rawValue, event: events[shown].events.first,
                before: around[shown][index].before, after: around[shown][index].after)
        }
    }

    private func all(_ findings: some Sequence<Divergence.Finding>) -> Divergence.Change {
        findings.reduce(.none) { $0.with($1.change) }
    }

    private func around(
        _ found: [RowDifference], _ finding: Divergence.Finding, _ earlier: Divergence.Change
    ) throws -> [Around] {
        guard let (partition, event) = finding.events.first else { return [] }
        var (before, after) = (finding.stretch?.after ?? [:], finding.stretch?.after ?? [:])
        before[partition] = Position(event.position.rawValue - 1)
        after[partition] = event.position
        let values = try values(found, at: [before, after], earlier)
        return found.indices.map { Around(before: values[0][$0], after: values[1][$0]) }
    }

    /// The rows at each of the vectors.
    private func values(
        _ found: [RowDifference], at vectors: [[PartitionID: Position]], _ change: Divergence.Change
    ) throws -> [[[SQLValue]?]] {
        var all: [[[SQLValue]?]] = []
        try fold.walk(vectors, change) { _, store in
            var values: [[SQLValue]?] = []
            try store.transaction {
                values = try found.map { row in
                    guard let table = fold.table(row.table) else { return nil }
                    let key = table.key.map { "\($0) IS ?" }.joined(separator: " AND ")
                    return try store.row("SELECT * FROM \(table.name) WHERE \(key)", row.key)
                }
            }
            all.append(values)
        }
        return all
    }
}
