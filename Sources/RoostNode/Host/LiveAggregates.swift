import RoostCore
import RoostLog

/// The aggregates a host keeps in memory: bounded, the longest unused go first, never one with events in flight.
struct LiveAggregates {
    private struct Slot {
        let aggregate: any LiveAggregate
        /// How many times all were to be forgotten before it was loaded.
        let loadedAfter: UInt64
        var lastUse: UInt64
        /// The newest commit this aggregate's answers are part of.
        var commit: UInt64
    }

    private var slots: [StreamKey: Slot] = [:]
    private var uses: UInt64 = 0
    private var forgettings: UInt64 = 0
    private let capacity: Int

    init(capacity: Int) { self.capacity = capacity }

    var count: Int { slots.count }

    mutating func use(_ stream: StreamKey, in commit: UInt64) -> (any LiveAggregate)? {
        uses += 1
        guard let index = slots.index(forKey: stream) else { return nil }
        slots.values[index].lastUse = uses
        slots.values[index].commit = commit
        return slots.values[index].aggregate
    }

    mutating func insert(_ aggregate: any LiveAggregate, for stream: StreamKey, in commit: UInt64) {
        slots[stream] = Slot(
            aggregate: aggregate, loadedAfter: forgettings, lastUse: uses, commit: commit)
    }

    mutating func removeAll() { slots.removeAll() }

    /// All that are here now are to be forgotten; those that are loaded from now on are not.
    mutating func beginForgetting() { forgettings += 1 }

    /// Lets those go that are to be forgotten and whose commits have settled; true when none of them is left.
    mutating func forget(settledThrough settled: UInt64) -> Bool {
        slots = slots.filter { $0.value.loadedAfter >= forgettings || $0.value.commit > settled }
        return slots.allSatisfy { $0.value.loadedAfter >= forgettings }
    }

    /// When over capacity, lets the longest unused half go, as far as their commits have settled.
    mutating func shrink(settledThrough settled: UInt64) {
        guard slots.count > capacity else { return }
        let median = slots.values.map(\.lastUse).sorted()[slots.count / 2]
        slots = slots.filter { $0.value.lastUse > median || $0.value.commit > settled }
    }
}
