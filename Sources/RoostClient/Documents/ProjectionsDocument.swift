package import RoostCore
package import RoostNode
package import RoostTrace

/// How far every projection, reactor and feed has come. Document `roost.projections/1`.
package struct ProjectionsDocument: Codable, Sendable {
    package static let schema = "roost.projections/1"

    /// Law 5: head = applied + filtered + parked + discarded + pending.
    package struct Partition: Codable, Sendable {
        package let partition: PartitionID
        package let head: UInt64
        package let position: UInt64
        package let applied: UInt64
        package let filtered: UInt64
        package let parked: UInt64
        package let discarded: UInt64
        package let pending: UInt64

        package var balance: Balance {
            Balance(
                appended: head, applied: applied, filtered: filtered, parked: parked, discarded: discarded,
                pending: pending)
        }

        init(_ partition: PartitionID, at position: Position, _ balance: Balance) {
            self.partition = partition
            self.position = position.rawValue
            head = balance.appended
            applied = balance.applied
            filtered = balance.filtered
            parked = balance.parked
            discarded = balance.discarded
            pending = balance.pending
        }
    }

    package struct Reader: Codable, Sendable {
        package let name: String
        /// `projection`, `reactor` or `feed`.
        package let kind: String
        /// `live` (at the head, and every event accounted for), `catchingUp`, `unbalanced` (some event is not accounted for),
        /// `failed`, `stopped` or `absent` (it has no database yet).
        package let state: String
        /// Every partition balances.
        package let balanced: Bool
        package let partitions: [Partition]

        package var pending: UInt64 { partitions.reduce(0) { $0 + $1.pending } }
        package var applied: UInt64 { partitions.reduce(0) { $0 + $1.applied } }
        package var head: UInt64 { partitions.reduce(0) { $0 + $1.head } }
    }

    package let schema: String
    package let projections: [Reader]
    /// Partitions whose rows are missing here.
    package let unreadable: [UnreadablePartition]

    package init(_ projections: [Reader], unreadable: [UnreadablePartition] = []) {
        schema = Self.schema
        self.unreadable = unreadable
        self.projections = projections
    }
}
