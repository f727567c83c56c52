import RoostCore
import Yams

/// Reads `log`: how many partitions there are, and which group of categories lies on which of them.
struct PlacementParser {
    private static let partitionsMax = 4096
    private(set) var reader: TopologyReader
    private var groupOfCategory: [String: String] = [:]
    private var groupOfPartition: [UInt32: String] = [:]

    init(reader: TopologyReader) { self.reader = reader }

    mutating func parse(_ node: Node) -> Placement? {
        let before = reader.problems.count
        let entries = reader.entries(of: node, "'log'", allowed: TopologyKeys.log)
        let values = Dictionary(entries.map { ($0.name, $0.value) }) { first, _ in first }
        for key in TopologyKeys.log where values[key] == nil { reader.report(node, "'log' has no key '\(key)'") }
        guard let placement = values["placement"] else { return nil }
        let groups = reader.entries(of: placement, "'placement'").compactMap { group($0) }
        guard let count = values["partitions"], reader.problems.count == before else { return nil }
        checkCoverage(count)
        return reader.problems.count == before ? Placement(groups: groups) : nil
    }

    private mutating func group(_ entry: TopologyReader.Entry) -> Placement.Group? {
        guard reader.checkName(entry.name, entry.key, "the name of a group") else { return nil }
        let what = "group '\(entry.name)'"
        let keys = reader.entries(of: entry.value, what, allowed: TopologyKeys.group)
        let values = Dictionary(keys.map { ($0.name, $0.value) }) { first, _ in first }
        for key in TopologyKeys.group where values[key] == nil {
            reader.report(entry.key, "\(what) has no key '\(key)'")
        }
        let categories = values["categories"].map { self.categories($0, entry.name) } ?? []
        guard let node = values["partitions"], let range = reader.range(node, "'partitions' of \(what)") else {
            return nil
        }
        guard range.upperBound < UInt32(Self.partitionsMax) else {
            reader.report(node, "a log has at most \(Self.partitionsMax) partitions")
            return nil
        }
        claim(range, entry.name, node)
        return Placement.Group(
            name: entry.name, categories: categories, firstPartition: PartitionID(range.lowerBound),
            partitionCount: UInt32(range.count))
    }

    private mutating func categories(_ node: Node, _ group: String) -> [String] {
        reader.words(node, "'categories'").compactMap { word, item in
            guard reader.checkName(word, item, "a category") else { return nil }
            reader.remember("category.\(word)", item)
            if let other = groupOfCategory.updateValue(group, forKey: word) {
                reader.report(item, "category '\(word)' is already in group '\(other)'; a stream has one place")
            }
            return word
        }
    }

    private mutating func claim(_ range: ClosedRange<UInt32>, _ group: String, _ node: Node) {
        let taken = range.filter { groupOfPartition[$0] != nil }
        if let first = taken.first, let other = groupOfPartition[first] {
            reader.report(
                node, "\(PartitionText.list(taken)) of group '\(group)' belongs to group '\(other)' already")
        }
        for partition in range { groupOfPartition[partition] = group }
    }

    /// Every partition from 0 to the last belongs to a group, and none beyond.
    private mutating func checkCoverage(_ node: Node) {
        guard let count = reader.number(node, "'partitions'", atLeast: 1, atMost: Self.partitionsMax) else { return }
        let all = 0..<UInt32(count)
        let bare = all.filter { groupOfPartition[$0] == nil }
        if !bare.isEmpty {
            reader.report(node, "\(PartitionText.list(bare)) belongs to no group; name it under 'placement'")
        }
        let beyond = groupOfPartition.keys.filter { !all.contains($0) }.sorted()
        if let last = beyond.last {
            reader.report(
                node,
                "\(PartitionText.list(beyond)) is placed, but the log ends at \(count - 1); "
                    + "set 'partitions: \(last + 1)'")
        }
    }
}

/// Partitions as messages name them.
enum PartitionText {
    /// `partition 3`, `partitions 0-2, 5`.
    static func list(_ partitions: [UInt32]) -> String {
        (partitions.count == 1 ? "partition " : "partitions ") + ranges(partitions)
    }

    /// `0-2, 5`.
    static func ranges(_ partitions: [UInt32]) -> String {
        var runs: [ClosedRange<UInt32>] = []
        for partition in partitions.sorted() {
            if let last = runs.last, last.upperBound + 1 == partition {
                runs[runs.count - 1] = last.lowerBound...partition
            } else {
                runs.append(partition...partition)
            }
        }
        let texts = runs.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
        return texts.joined(separator: ", ")
    }
}
