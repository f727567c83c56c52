extension Placement {
    /// What keeps a log that is placed like this from being placed like `next`, in words. Empty when every stream stays
    /// where it is: a category may be added to a group, never moved or taken away.
    package func obstacles(to next: Placement) -> [String] {
        var obstacles: [String] = []
        if partitionCount != next.partitionCount {
            obstacles.append("the log has \(partitionCount) partitions, the topology \(next.partitionCount)")
        }
        for group in groups {
            for category in group.categories {
                guard let home = next.groups.first(where: { $0.categories.contains(category) }) else {
                    obstacles.append("category '\(category)' lies on \(group.words) and is missing now")
                    continue
                }
                guard home.partitions != group.partitions else { continue }
                obstacles.append("category '\(category)' lies on \(group.words), the topology puts it on \(home.words)")
            }
        }
        return obstacles
    }
}

extension Placement.Group {
    /// `partitions 0-5`
    fileprivate var words: String {
        let last = firstPartition.rawValue + max(partitionCount, 1) - 1
        return partitionCount == 1 ? "partition \(firstPartition)" : "partitions \(firstPartition)-\(last)"
    }
}
