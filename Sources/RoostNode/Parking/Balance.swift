package import RoostCore
package import RoostLog

/// Law 5 for one reader and one partition: what has become of every event that was appended.
///
/// Applied, parked and discarded were counted in the reader's own transactions, filtered comes from the log's counts of types,
/// never by subtraction: so a skipped event cannot hide.
package struct Balance: Hashable, Sendable, Codable {
    package let appended: UInt64
    package let applied: UInt64
    package let filtered: UInt64
    package let parked: UInt64
    package let discarded: UInt64
    package let pending: UInt64

    package init(
        appended: UInt64, applied: UInt64, filtered: UInt64, parked: UInt64, discarded: UInt64, pending: UInt64
    ) {
        self.appended = appended
        self.applied = applied
        self.filtered = filtered
        self.parked = parked
        self.discarded = discarded
        self.pending = pending
    }

    /// Of a reader that stands at `progress` while the log is at `head`; `handles` says which types it does not filter.
    package init(
        of progress: Progress, head: Position, reader: any PartitionReader, handles: (String) -> Bool
    ) throws {
        let counts = try reader.counts(through: progress.position)
        // The reader may have passed the head that was read before it.
        let appended = max(head, progress.position).rawValue
        self.init(
            appended: appended, applied: progress.applied,
            filtered: counts.filter { !handles($0.key) }.values.reduce(0, +), parked: progress.parked,
            discarded: progress.discarded, pending: appended - progress.position.rawValue)
    }

    /// Whether every event is accounted for, once.
    package var holds: Bool { appended == applied + filtered + parked + discarded + pending }

    /// `1000 appended = 800 applied + 150 filtered + 30 parked + 0 discarded + 20 pending`, with `!=` where it does not hold.
    package var text: String {
        "\(appended) appended \(holds ? "=" : "!=") \(applied) applied + \(filtered) filtered + \(parked) parked "
            + "+ \(discarded) discarded + \(pending) pending"
    }

    /// Over several partitions. It may hold where a part does not: look at each.
    package static func + (left: Balance, right: Balance) -> Balance {
        Balance(
            appended: left.appended + right.appended, applied: left.applied + right.applied,
            filtered: left.filtered + right.filtered, parked: left.parked + right.parked,
            discarded: left.discarded + right.discarded, pending: left.pending + right.pending)
    }
}
