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
        /// Why it could not be found out.
        package var reason: String?
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
    package static let rowsMax = 20

    package private(set) var partings: [Parting] = []
    package private(set) var rows: [Row] = []

    init() {}

    init(failedBecause reason: String) {
        partings = [Parting(cause: Divergence.Cause.unknown.rawValue, stretch: nil, events: [], reason: reason)]
    }

    /// Later events have made the rows equal.
    static let healed = DivergenceExplanation(failedBecause: "the live one has gone on, and no row differs any more")

    /// The two have not even the same columns.
    static let otherColumns: DivergenceExplanation = {
        var explanation = DivergenceExplanation()
        explanation.partings = [Parting(cause: Divergence.Cause.codeChanged.rawValue, stretch: nil, events: [])]
        return explanation
    }()

    init(
        _ found: [RowDifference], _ live: Divergence.Live, _ rebuilt: Divergence.Rebuilt, _ fold: DivergenceFold
    ) throws {
        let divergence = Divergence(fold, live: live, rebuilt: rebuilt)
        let findings = try divergence.findings()
        partings = findings.map(Parting.init)
        rows = try RowExplainer(fold, divergence, findings).rows(found)
    }
}

extension DivergenceExplanation.Parting {
    fileprivate init(_ finding: Divergence.Finding) {
        let stretch = finding.stretch.map {
            DivergenceExplanation.Stretch(
                batch: $0.batch, after: $0.after, through: $0.through, events: $0.events, build: $0.build)
        }
        self.init(
            cause: finding.cause.rawValue, stretch: stretch, events: finding.events.map { ($0.partition, $0.event) })
    }
}

/// Says of each row which finding it shows.
private struct RowExplainer {
    private let fold: DivergenceFold
    private let divergence: Divergence
    /// Of events that were missed or applied twice.
    private let events: [Divergence.Finding]
    private let parked: Divergence.Finding?
    /// What is not about single events: there is at most one.
    private let rest: Divergence.Finding?

    init(_ fold: DivergenceFold, _ divergence: Divergence, _ findings: [Divergence.Finding]) {
        self.fold = fold
        self.divergence = divergence
        events = findings.filter { $0.cause == .missed || $0.cause == .appliedTwice }
        parked = findings.first { $0.cause == .parked }
        rest = findings.last { $0.cause != .missed && $0.cause != .appliedTwice && $0.cause != .parked }
    }

    /// A row as the log makes it, around the events of a finding.
    private struct Around {
        let before: [SQLValue]?
        let after: [SQLValue]?
    }

    func rows(_ found: [RowDifference]) throws -> [DivergenceExplanation.Row] {
        guard parked != nil || !events.isEmpty else {
            return found.map { DivergenceExplanation.Row(difference: $0, cause: (rest?.cause ?? .unknown).rawValue) }
        }
        let path = divergence.entries.map(\.vector)
        let explained = try values(found, at: path, keeping: 1, all(events))[0]
        let around = try events.indices.map { try self.around(found, events[$0], all(events[..<$0])) }
        return found.indices.map { index in
            guard explained[index] == found[index].live else {
                return DivergenceExplanation.Row(difference: found[index], cause: (rest?.cause ?? .unknown).rawValue)
            }
            if let shown = events.indices.first(where: { around[$0][index].before != around[$0][index].after }) {
                let event = events[shown].events.first.map { ($0.partition, $0.event) }
                return DivergenceExplanation.Row(
                    difference: found[index], cause: events[shown].cause.rawValue, event: event,
                    before: around[shown][index].before, after: around[shown][index].after)
            }
            // Rows that follow from others: of one finding there is no doubt.
            let only = events.count == 1 && parked == nil ? events[0].cause : parked?.cause
            return DivergenceExplanation.Row(difference: found[index], cause: (only ?? .unknown).rawValue)
        }
    }

    private func all(_ findings: some Sequence<Divergence.Finding>) -> Divergence.Change {
        findings.reduce(divergence.base) { $0.with($1.change) }
    }

    private func around(
        _ found: [RowDifference], _ finding: Divergence.Finding, _ earlier: Divergence.Change
    ) throws -> [Around] {
        guard let stretch = finding.stretch, let first = finding.events.first, let last = finding.events.last else {
            return found.map { _ in Around(before: nil, after: nil) }
        }
        var (before, after) = (stretch.after, stretch.after)
        before[first.partition] = Position(first.event.position.rawValue - 1)
        after[last.partition] = last.event.position
        let path = divergence.path(before: stretch.batch) + [before, after]
        let values = try values(found, at: path, keeping: 2, earlier)
        return found.indices.map { Around(before: values[0][$0], after: values[1][$0]) }
    }

    /// The rows at the last `count` of some vectors.
    private func values(
        _ found: [RowDifference], at vectors: [[PartitionID: Position]], keeping count: Int, _ change: Divergence.Change
    ) throws -> [[[SQLValue]?]] {
        var kept: [[[SQLValue]?]] = []
        try fold.walk(vectors, change) { index, store in
            guard index >= vectors.count - count else { return }
            var values: [[SQLValue]?] = []
            try store.transaction {
                values = try found.map { row in
                    guard let table = fold.table(row.table) else { return nil }
                    let key = table.key.map { "\($0) IS ?" }.joined(separator: " AND ")
                    return try store.row("SELECT * FROM \(table.name) WHERE \(key)", row.key)
                }
            }
            kept.append(values)
        }
        return kept
    }
}
