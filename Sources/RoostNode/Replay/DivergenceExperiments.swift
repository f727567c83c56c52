import RoostCore
import RoostLog

/// Experiments with the few events among which a projection went another way: each is one fold of them, which is taken back.
struct DivergenceExperiments {
    /// More than so many events are not experimented with.
    static let eventsMax: UInt64 = 100_000
    /// Events that are missed together, one after the other in their partition.
    private static let runMax = 64

    private typealias Item = DivergenceFold.Item

    /// Ends an experiment, so that nothing of it stays.
    private struct Undone: Error { let hash: RowHash? }

    /// There is no time for another one.
    struct TooMuch: Error {}

    private let store: ProjectionStore
    private let items: [Item]
    private let partitions: [PartitionID]
    private let stretch: Divergence.Stretch
    private let change: Divergence.Change
    private let goal: RowHash
    private let effort: DivergenceEffort
    /// Events that may still be applied.
    private(set) var budget: UInt64

    /// `store` stands where the stretch begins; `goal` is what the live one was at its end.
    init(
        _ fold: DivergenceFold, _ store: ProjectionStore, _ stretch: Divergence.Stretch, change: Divergence.Change,
        goal: RowHash, budget: UInt64
    ) throws {
        self.store = store
        self.stretch = stretch
        self.change = change
        self.goal = goal
        self.budget = budget
        effort = fold.effort
        items = try fold.events(after: stretch.after, through: stretch.through)
        partitions = fold.partitions
    }

    /// What makes the live rows. Where nothing does, `events` is the only event that can have, if there is but one.
    mutating func finding() throws -> Divergence.Finding {
        var makers: [Int] = []
        let plain = try outcome(of: items, .none) { makers.append($0) }
        guard try outcome(of: items, .none) == plain else { return found(.nonDeterministic) }
        if let single = try oneEvent(makers.reversed()) { return single }
        for order in otherOrders where try outcome(of: order, .none) == goal { return found(.orderDependent) }
        if let run = try missedRun(makers) { return run }
        // Nothing that this code can do with them.
        return found(.unknown, events: makers.count == 1 ? [items[makers[0]]] : [])
    }

    private mutating func oneEvent(_ makers: some Sequence<Int>) throws -> Divergence.Finding? {
        for index in makers {
            let item = items[index]
            for (cause, tried) in [
                (Divergence.Cause.missed, Divergence.Change(leftOut: [item.place])),
                (.appliedTwice, Divergence.Change(twice: [item.place])),
            ] where try outcome(of: items, tried) == goal {
                return found(cause, events: [item], tried)
            }
        }
        return nil
    }

    /// Events that follow each other, as a hole in what was heard leaves them out: the short ones first, as long as there is time.
    private mutating func missedRun(_ makers: [Int]) throws -> Divergence.Finding? {
        for length in 2...Self.runMax where length <= makers.count {
            for start in 0...(makers.count - length) {
                guard budget >= items.count else { return nil }
                let run = makers[start..<start + length].map { items[$0] }
                guard run.first?.partition == run.last?.partition else { continue }
                let tried = Divergence.Change(leftOut: Set(run.map(\.place)))
                if try outcome(of: items, tried) == goal { return found(.missed, events: run, tried) }
            }
        }
        return nil
    }

    /// Backwards, and each partition as the last one.
    private var otherOrders: [[Item]] {
        let parts = partitions.map { partition in items.filter { $0.partition == partition } }
        return [Array(parts.reversed().joined())]
            + parts.indices.dropLast().map { last in
                parts.indices.filter { $0 != last }.flatMap { parts[$0] } + parts[last]
            }
    }

    /// The rows after these events; nil where no projection can have applied them so. Throws `TooMuch` where there is no time for it.
    /// `onMaker` gets the place of each event that changes a row.
    private mutating func outcome(
        of items: [Item], _ tried: Divergence.Change, onMaker: (Int) -> Void = { _ in }
    ) throws -> RowHash? {
        try Task.checkCancellation()
        guard budget >= items.count else { throw TooMuch() }
        budget -= UInt64(items.count)
        effort.add(items.count)
        let change = change.with(tried)
        do {
            try store.transaction {
                for (index, item) in items.enumerated() {
                    let before = store.hash
                    try DivergenceFold.take(item, store, change)
                    if store.hash != before { onMaker(index) }
                }
                throw Undone(hash: store.hash)
            }
            return nil
        } catch let undone as Undone {
            return undone.hash
        } catch is ReaderFailure {
            return nil
        }
    }

    private func found(
        _ cause: Divergence.Cause, events: [Item] = [], _ change: Divergence.Change = .none
    ) -> Divergence.Finding {
        Divergence.Finding(cause: cause, stretch: stretch, events: events, change: change)
    }
}
