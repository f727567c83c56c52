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
        /// The live one has parked these events, the one made again has not.
        case parked
        /// The live rows are what comes out when this event is applied twice.
        case appliedTwice
        /// The live rows come out when partitions are read in another order.
        case orderDependent
        /// Two folds of the same events do not make the same rows.
        case nonDeterministic
        /// The rows on disk are not those that the projection has written.
        case handEdited
        /// The live rows were made by another build, and every experiment with this one makes others.
        case codeChanged
        /// No experiment makes the live rows, or there is too much for experiments.
        case unknown
    }

    /// One place where they part.
    struct Finding: Sendable {
        let cause: Cause
        /// nil where it is not about a stretch of events.
        var stretch: Stretch?
        /// Missed, parked or applied twice, in their order; where the code has changed, the only one that it can be.
        var events: [DivergenceFold.Item] = []
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
        var leftOut: Set<EventPlace> = []
        var twice: Set<EventPlace> = []

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
        /// nil where too many are.
        let parked: Set<EventPlace>?
    }

    /// What is known of the one made again, at the same vector.
    struct Rebuilt {
        let hash: RowHash
        let parked: Set<EventPlace>?
        let build: String
        /// It did not begin with rows that another build has made.
        let isOfOneBuild: Bool
        let fitsInMemory: Bool
    }

    /// Parked events that are remembered.
    static let parkedMax = 10_000
    /// Events that are applied to find the places and for experiments.
    private static let appliedMax: UInt64 = 20_000_000
    private static let findingsMax = 5

    private let fold: DivergenceFold
    let entries: [Journal.Entry]
    /// By all that was written.
    private let written: RowHash
    private let live: Live
    private let rebuilt: Rebuilt
    /// Events that are parked there are not missed.
    let base: Change

    init(_ fold: DivergenceFold, live: Live, rebuilt: Rebuilt) {
        self.fold = fold
        self.live = live
        self.rebuilt = rebuilt
        // A database without a journal is as one whose journal begins now.
        entries =
            live.journal.last?.vector == live.vector
            ? live.journal : [Journal.Entry(batch: 0, vector: live.vector, hash: live.hash, build: "")]
        written = entries.last?.hash ?? live.hash
        base = Change(leftOut: live.parked ?? [])
    }

    /// Everything that is found: what is parked, then what the log shows, in its order, then what was edited by hand.
    func findings() throws -> [Finding] {
        let events = entries.last?.events ?? 0
        guard rebuilt.fitsInMemory, live.parked != nil, events <= Self.appliedMax / 3 else {
            return byHand([Finding(cause: .unknown)])
        }
        let parked = try parkedOnly()
        var (findings, budget): ([Finding], UInt64) = ([], Self.appliedMax)
        while let parting = try parting(findings.reduce(base) { $0.with($1.change) }) {
            guard findings.count < Self.findingsMax, budget >= 2 * events else {
                findings.append(Finding(cause: .unknown))
                break
            }
            budget -= 2 * events
            let finding = try explain(parting, findings.reduce(base) { $0.with($1.change) }, &budget)
            findings.append(finding)
            guard finding.cause == .missed || finding.cause == .appliedTwice else { break }
        }
        return byHand(parked + (findings.isEmpty && parked.isEmpty ? try byOrder() : findings))
    }

    /// What only the live one has parked.
    private func parkedOnly() throws -> [Finding] {
        let places = (live.parked ?? []).subtracting(rebuilt.parked ?? [])
        return places.isEmpty ? [] : [Finding(cause: .parked, events: try fold.events(at: places))]
    }

    /// Along its own vectors the fold makes what was written live. Along those of the rebuild, one partition after the other, it
    /// makes what was made again where the order is all there is to it.
    private func byOrder() throws -> [Finding] {
        guard live.hash == written else { return [] }
        guard rebuilt.isOfOneBuild else { return [Finding(cause: .codeChanged)] }
        var cause = Cause.nonDeterministic
        try fold.walk([live.vector], .none) { _, store in
            if store.hash == rebuilt.hash { cause = .orderDependent }
        }
        return [Finding(cause: cause)]
    }

    /// Rows that somebody has changed keep later events from making what they would: then nobody else is to blame.
    private func byHand(_ findings: [Finding]) -> [Finding] {
        guard live.hash != written else { return findings }
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

    /// The vectors of the journal before an entry.
    func path(before batch: UInt64) -> [[PartitionID: Position]] {
        entries.prefix { $0.batch < batch }.map(\.vector)
    }

    private func explain(_ index: Int, _ change: Change, _ budget: inout UInt64) throws -> Finding {
        let entry = entries[index]
        let stretch = Stretch(
            batch: entry.batch, after: index > 0 ? entries[index - 1].vector : [:], through: entry.vector,
            build: entry.build)
        var finding = Finding(cause: .unknown, stretch: stretch)
        guard stretch.events <= DivergenceExperiments.eventsMax else { return finding }
        try fold.walk(path(before: entry.batch), change) { _, _ in
        } atEnd: { store in
            if index > 0, store.hash != entries[index - 1].hash {
                // The first walk came by here with the same rows as the live one.
                finding = Finding(cause: .nonDeterministic, stretch: stretch)
                return
            }
            do {
                var experiments = try DivergenceExperiments(
                    fold, store, stretch, change: change, goal: entry.hash, budget: budget)
                defer { budget = experiments.budget }
                finding = try experiments.finding()
                guard finding.cause == .unknown, entry.build != rebuilt.build, !entry.build.isEmpty else { return }
                finding = Finding(cause: .codeChanged, stretch: stretch, events: finding.events)
            } catch is DivergenceExperiments.TooMuch {
                finding = Finding(cause: .unknown, stretch: stretch)
            }
        }
        if finding.cause == .unknown { finding.events = [] }
        return finding
    }
}
