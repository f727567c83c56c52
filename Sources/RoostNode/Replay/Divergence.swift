import RoostCore
import RoostLog

/// Where and why a live projection went another way than the log says.
///
/// The log is folded along the vectors of the live one's journal: the last batch after which both had the same rows is followed
/// by the one in which they part. The events between the two are folded again and again, with some left out, one taken twice,
/// or partitions in another order, until the live rows come out. What is found is taken into the fold, which then goes on to
/// the next place where they part.
struct Divergence {
    enum Cause: String, Sendable {
        /// The live rows are what comes out when these events are missed.
        case missed
        /// The live rows are what comes out when this event is applied twice.
        case appliedTwice
        /// The live rows come out when partitions are read in another order.
        case orderDependent
        /// Two folds of the same events do not make the same rows.
        case nonDeterministic
        /// The rows on disk are not those that the projection has written.
        case handEdited
        /// The live rows were made by another build, and no experiment with this one makes them.
        case codeChanged
        /// No experiment makes the live rows, or there is too much for experiments.
        case unknown
    }

    /// One place where they part.
    struct Finding: Sendable {
        let cause: Cause
        /// nil where it is not about a stretch of events.
        var stretch: Stretch?
        /// Missed or applied twice, in their order; where the code has changed, the only one that it can be.
        var events: [(partition: PartitionID, event: RecordedEvent)] = []
        var change = Change.none
    }

    /// The events between two entries of the journal.
    struct Stretch: Sendable {
        /// The batch after which the two are not the same any more.
        let batch: UInt64
        let after: [PartitionID: Position]
        let through: [PartitionID: Position]
        /// The code that has applied them.
        let build: String

        var events: UInt64 {
            through.reduce(0) { $0 + $1.value.rawValue - (after[$1.key]?.rawValue ?? 0) }
        }
    }

    /// What is done to some events.
    struct Change: Sendable {
        static let none = Change()
        var leftOut: Set<EventID> = []
        var twice: Set<EventID> = []

        func with(_ other: Change) -> Change {
            Change(leftOut: leftOut.union(other.leftOut), twice: twice.union(other.twice))
        }
    }

    /// What is known of the live projection, at one instant.
    struct Live {
        let vector: [PartitionID: Position]
        let journal: [Journal.Entry]
        /// Of the rows on disk.
        let hash: RowHash
    }

    /// Events that are applied, over all folds.
    private static let appliedMax: UInt64 = 20_000_000
    private static let findingsMax = 5

    private let fold: DivergenceFold
    private let entries: [Journal.Entry]
    /// By all that was written.
    private let written: RowHash
    private let onDisk: RowHash
    private let build: String

    init(_ fold: DivergenceFold, live: Live, build: String) {
        self.fold = fold
        self.build = build
        onDisk = live.hash
        // A database without a journal is as one whose journal begins now.
        entries =
            live.journal.last?.vector == live.vector
            ? live.journal : [Journal.Entry(batch: 0, vector: live.vector, hash: live.hash, build: "")]
        written = entries.last?.hash ?? live.hash
    }

    /// Everything that is found, in the order of the log; what was edited by hand comes last.
    func findings() throws -> [Finding] {
        var findings: [Finding] = []
        var budget = Self.appliedMax
        let events = entries.last?.events ?? 0
        while findings.count < Self.findingsMax {
            guard events <= budget / 3 else {
                findings.append(Finding(cause: .unknown))
                break
            }
            budget -= 2 * events
            let change = findings.reduce(Change.none) { $0.with($1.change) }
            guard let parting = try parting(change) else { break }
            let finding = try explain(parting, change, &budget)
            findings.append(finding)
            guard !finding.events.isEmpty, finding.cause != .codeChanged else { break }
        }
        return byHand(findings)
    }

    /// Rows that somebody has changed keep later events from making what they would: then nobody else is to blame.
    private func byHand(_ findings: [Finding]) -> [Finding] {
        guard onDisk != written else {
            // Along its own vectors the fold makes what is live, and by the rebuild's it does not.
            return findings.isEmpty ? [Finding(cause: .orderDependent)] : findings
        }
        return findings.filter { $0.cause != .unknown && $0.cause != .codeChanged } + [Finding(cause: .handEdited)]
    }

    /// The last entry at which the fold and the live one had the same rows is before this one; nil when they end with the same.
    private func parting(_ change: Change) throws -> Int? {
        var last = -1
        try fold.walk(entries.map(\.vector), change) { index, store in
            if store.hash == entries[index].hash { last = index }
        }
        return last == entries.count - 1 ? nil : last + 1
    }

    private func explain(_ index: Int, _ change: Change, _ budget: inout UInt64) throws -> Finding {
        let entry = entries[index]
        let stretch = Stretch(
            batch: entry.batch, after: index > 0 ? entries[index - 1].vector : [:], through: entry.vector,
            build: entry.build)
        var finding = Finding(cause: .unknown, stretch: stretch)
        try fold.walk(index > 0 ? [entries[index - 1].vector] : [], change) { _, _ in
        } atEnd: { store in
            if index > 0, store.hash != entries[index - 1].hash {
                // The first walk came by here with the same rows as the live one.
                finding = Finding(cause: .nonDeterministic, stretch: stretch)
                return
            }
            guard stretch.events <= DivergenceExperiments.eventsMax else { return }
            var experiments = try DivergenceExperiments(
                fold, store, stretch, change: change, goal: entry.hash, budget: budget)
            finding = try experiments.finding()
            budget = experiments.budget
        }
        if finding.cause == .unknown, entry.build != build, !entry.build.isEmpty {
            return Finding(cause: .codeChanged, stretch: stretch, events: finding.events)
        }
        if finding.cause == .unknown { finding.events = [] }
        return finding
    }
}
