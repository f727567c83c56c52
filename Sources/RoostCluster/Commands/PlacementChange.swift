import RoostCore

/// What must not change about a placement once a log was made with it.
enum PlacementChange {
    /// In words; empty when streams stay where they are.
    static func problems(from old: Placement, to new: Placement) -> [String] {
        var problems: [String] = []
        if old.partitionCount != new.partitionCount {
            problems.append("the log has \(old.partitionCount) partitions, the topology \(new.partitionCount)")
        }
        for group in old.groups {
            let range = PartitionText.ranges(group.partitions.map(\.rawValue))
            for category in group.categories {
                guard let home = new.groups.first(where: { $0.categories.contains(category) }) else {
                    problems.append("category '\(category)' lies on \(range) and is missing now")
                    continue
                }
                guard home.partitions != group.partitions else { continue }
                let now = PartitionText.ranges(home.partitions.map(\.rawValue))
                problems.append("category '\(category)' lies on \(range), the topology puts it on \(now)")
            }
        }
        return problems
    }
}
