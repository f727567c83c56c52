import RoostCore
import Yams

/// Reads `processes`: what each does, and that every partition has exactly one owner.
struct ProcessesParser {
    private static let replicasMax = 256
    private(set) var reader: TopologyReader
    /// nil when the log could not be read; ownership is not checked then.
    private let placement: Placement?
    private var owners: [PartitionID: String] = [:]

    init(reader: TopologyReader, placement: Placement?) {
        self.reader = reader
        self.placement = placement
    }

    mutating func parse(_ node: Node) -> [TopologyProcess]? {
        let before = reader.problems.count
        let processes = reader.entries(of: node, "'processes'").compactMap { process($0) }
        guard reader.problems.count == before else { return nil }
        checkOwnership(node)
        checkSingles(processes)
        return processes
    }

    private mutating func process(_ entry: TopologyReader.Entry) -> TopologyProcess? {
        guard reader.checkName(entry.name, entry.key, "the name of a process") else { return nil }
        reader.remember("process.\(entry.name)", entry.key)
        let what = "process '\(entry.name)'"
        let keys = reader.entries(of: entry.value, what, allowed: TopologyKeys.process)
        let values = Dictionary(keys.map { ($0.name, $0.value) }) { first, _ in first }
        guard let role = role(values["role"], entry.key, what) else { return nil }
        if role != .aggregate { refuse(TopologyKeys.aggregateOnly, of: .aggregate, keys, what, role) }
        if role != .projection { refuse(TopologyKeys.projectionOnly, of: .projection, keys, what, role) }
        let hosted = role == .aggregate ? hosted(entry, values, what) : nil
        var policies = PolicyParser(reader: reader)
        defer { reader = policies.reader }
        return TopologyProcess(
            name: entry.name, role: role, categories: hosted?.categories ?? [], partitions: hosted?.partitions ?? [],
            replicas: hosted?.replicas ?? 1,
            failover: role == .aggregate ? policies.failover(values["failover"], replicas: hosted?.replicas) : nil,
            environment: policies.environment(values["env"]),
            restart: policies.restart(values["restart"], role), stopGrace: policies.stopGrace(values["stop"]),
            parking: policies.parking(values["parking"]))
    }

    private mutating func role(_ node: Node?, _ key: Node, _ what: String) -> ProcessRole? {
        if let node { return reader.choice(node, "'role'", ProcessRole.self) }
        let roles = ProcessRole.allCases.map(\.rawValue).joined(separator: ", ")
        reader.report(key, "\(what) has no key 'role'; it is one of \(roles)")
        return nil
    }

    private mutating func refuse(
        _ names: [String], of owner: ProcessRole, _ keys: [TopologyReader.Entry], _ what: String, _ role: ProcessRole
    ) {
        for key in keys where names.contains(key.name) {
            reader.report(
                key.key, "'\(key.name)' is for the role \(owner.rawValue); \(what) is a \(role.rawValue)")
        }
    }

    // MARK: - Ownership

    private struct Hosted {
        let categories: [String]
        let partitions: [PartitionID]
        let replicas: Int
    }

    private mutating func hosted(_ entry: TopologyReader.Entry, _ values: [String: Node], _ what: String) -> Hosted? {
        guard let node = values["hosts"] else {
            reader.report(entry.key, "\(what) has no key 'hosts'; name a group of 'placement' or its categories")
            return nil
        }
        let before = reader.problems.count
        let names = reader.words(node, "'hosts'")
        guard let placement, reader.problems.count == before else { return nil }
        let groups = groups(named: names, placement, what, node)
        var partitions = groups.flatMap(\.partitions)
        if let limit = values["partitions"] { partitions = limited(partitions, to: limit, what) }
        own(partitions, entry.name, values["partitions"] ?? node)
        let replicas = replicas(values["replicas"], partitions.count, what)
        guard reader.problems.count == before else { return nil }
        return Hosted(categories: groups.flatMap(\.categories), partitions: partitions.sorted(), replicas: replicas)
    }

    /// A partition has one owner, so the categories that share it are hosted together.
    private mutating func groups(
        named names: [(word: String, node: Node)], _ placement: Placement, _ what: String, _ node: Node
    ) -> [Placement.Group] {
        let words = Set(names.map(\.word))
        for (word, item) in names
        where !placement.groups.contains(where: { $0.name == word || $0.categories.contains(word) }) {
            let known = placement.groups.flatMap { [$0.name] + $0.categories }
            reader.report(
                item, "\(what) hosts '\(word)', which 'placement' does not have",
                suggestion: Suggestion.nearest(to: word, among: known))
        }
        return placement.groups.filter { group in
            if words.contains(group.name) { return true }
            let left = group.categories.filter { !words.contains($0) }
            if left.count == group.categories.count { return false }
            guard !left.isEmpty else { return true }
            reader.report(
                node,
                "\(what) hosts only a part of group '\(group.name)', whose categories share partitions; "
                    + "host \(left.joined(separator: ", ")) too, or name the group")
            return false
        }
    }

    private mutating func limited(_ partitions: [PartitionID], to node: Node, _ what: String) -> [PartitionID] {
        guard let range = reader.range(node, "'partitions' of \(what)") else { return [] }
        let foreign = range.filter { !partitions.contains(PartitionID($0)) }
        if !foreign.isEmpty {
            reader.report(node, "\(PartitionText.list(Array(foreign))) holds nothing that \(what) hosts")
        }
        return partitions.filter { range.contains($0.rawValue) }
    }

    private mutating func own(_ partitions: [PartitionID], _ name: String, _ node: Node) {
        let taken = partitions.filter { owners[$0] != nil }
        if let first = taken.first, let other = owners[first] {
            let list = PartitionText.list(taken.map(\.rawValue))
            reader.report(node, "process '\(name)' owns \(list), which process '\(other)' owns already")
        }
        for partition in partitions where owners[partition] == nil { owners[partition] = name }
    }

    private mutating func replicas(_ node: Node?, _ partitions: Int, _ what: String) -> Int {
        guard let node else { return 1 }
        let count = reader.number(node, "'replicas'", atLeast: 1, atMost: Self.replicasMax) ?? 1
        if count > partitions, partitions > 0 {
            reader.report(
                node, "\(what) has \(count) replicas for \(partitions) partitions; a replica owns at least one")
        }
        return count
    }

    private mutating func checkOwnership(_ node: Node) {
        guard let placement else { return }
        let bare = placement.partitions.filter { owners[$0] == nil }.map(\.rawValue)
        guard let first = bare.first, let group = placement.group(of: PartitionID(first)) else { return }
        reader.report(
            node,
            "no process owns \(PartitionText.list(bare)); "
                + "add a process with 'role: aggregate' and 'hosts: \(group.name)'")
    }

    /// One gateway and one replay node serve a cluster; an instance's name belongs to one process.
    private mutating func checkSingles(_ processes: [TopologyProcess]) {
        for role in [ProcessRole.gateway, .replay] {
            for extra in processes.filter({ $0.role == role }).dropFirst() {
                reader.report(
                    reader.marks.problem(
                        at: "process.\(extra.name)", "a cluster has one process with 'role: \(role.rawValue)'"))
            }
        }
        let instances = processes.flatMap(\.instances)
        let counts = Dictionary(instances.map { ($0.name, 1) }, uniquingKeysWith: +)
        for instance in instances where counts[instance.name] != 1 && instance.name == instance.process.name {
            reader.report(
                reader.marks.problem(
                    at: "process.\(instance.name)", "the name '\(instance.name)' is also that of a replica"))
        }
    }
}
