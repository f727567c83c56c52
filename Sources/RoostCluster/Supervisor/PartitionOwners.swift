import RoostCore

/// Who shall own which partition, as a value: what happened goes in, whose orders changed comes out.
///
/// A partition has one owner at any time, or none while it moves: the target gets it when the old owner has let go.
struct PartitionOwners: Sendable {
    private var owners: [PartitionID: String] = [:]
    /// Where partitions go that their owners are still to let go of.
    private var moves: [PartitionID: String] = [:]

    init(_ instances: [ProcessInstance]) {
        for instance in instances {
            for partition in instance.partitions { owners[partition] = instance.name }
        }
    }

    /// What an instance is to serve now, in order.
    func partitions(of name: String) -> [PartitionID] {
        owners.filter { $0.value == name && moves[$0.key] == nil }.keys.sorted()
    }

    /// Whether an instance owns anything, also what is about to leave it.
    func isOwner(_ name: String) -> Bool { owners.values.contains(name) }

    func owner(of partition: PartitionID) -> String? { owners[partition] }
    func target(of partition: PartitionID) -> String? { moves[partition] }

    /// Gives what a lost instance owned to the heirs, each partition to the one that has least. Returns who got some.
    /// Without heirs nothing changes: the partitions wait for the next start of their owner.
    mutating func lose(_ name: String, to heirs: [String]) -> Set<String> {
        var heiresses: Set<String> = []
        for partition in owners.filter({ $0.value == name }).keys.sorted() {
            let wanted = moves.removeValue(forKey: partition).flatMap { heirs.contains($0) ? $0 : nil }
            guard let heir = wanted ?? leastLoaded(heirs) else { continue }
            owners[partition] = heir
            heiresses.insert(heir)
        }
        return heiresses
    }

    /// An instance that partitions are on their way to is gone: their owners keep them. Returns those.
    mutating func loseTarget(_ name: String) -> Set<String> {
        var keepers: Set<String> = []
        for (partition, target) in moves where target == name {
            moves[partition] = nil
            owners[partition].map { _ = keepers.insert($0) }
        }
        return keepers
    }

    /// Begins to move a partition; its owner is to let go of it. Back to the owner, the move is off.
    mutating func move(_ partition: PartitionID, to target: String) {
        moves[partition] = owners[partition] == target ? nil : target
    }

    /// What an instance serves, as it says after it carried out its newest order. Returns who takes over what it let go of.
    mutating func heard(from name: String, serving partitions: [PartitionID]) -> Set<String> {
        var takers: Set<String> = []
        for (partition, target) in moves where owners[partition] == name && !partitions.contains(partition) {
            moves[partition] = nil
            owners[partition] = target
            takers.insert(target)
        }
        return takers
    }

    private func leastLoaded(_ heirs: [String]) -> String? {
        heirs.min { (load(of: $0), $0) < (load(of: $1), $1) }
    }

    private func load(of name: String) -> Int { owners.values.count { $0 == name } }
}
