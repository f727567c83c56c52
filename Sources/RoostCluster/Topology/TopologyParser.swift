import RoostCore
import Yams

/// Turns the nodes of a file into a topology, or into the list of everything that is wrong with it.
struct TopologyParser {
    private var reader: TopologyReader

    init(file: String) { reader = TopologyReader(file: file) }

    mutating func parse(_ root: Node) throws(TopologyError) -> Topology {
        let entries = reader.entries(of: root, "a topology", allowed: TopologyKeys.root)
        let values = Dictionary(entries.map { ($0.name, $0.value) }) { first, _ in first }
        checkFormat(values["roost"], root)
        let name = name(values["name"], root)
        let placement = log(values["log"], root)
        let bus = bus(values["bus"])
        let processes = processes(values["processes"], placement, root)
        let faults = faults(values["faults"], processes, bus)
        guard reader.problems.isEmpty, let name, let placement, let processes else {
            throw TopologyError(reader.problems)
        }
        return Topology(
            name: name, placement: placement, bus: bus, processes: processes, faults: faults, marks: reader.marks)
    }

    private mutating func missing<Value>(_ key: String, _ root: Node) -> Value? {
        reader.report(root, "the topology has no key '\(key)'")
        return nil
    }

    private mutating func checkFormat(_ node: Node?, _ root: Node) {
        guard let node else {
            reader.report(root, "the topology has no key 'roost'; begin the file with 'roost: \(Topology.format)'")
            return
        }
        guard node.int != Topology.format else { return }
        reader.report(node, "this version of Roost reads topologies of format \(Topology.format)")
    }

    private mutating func name(_ node: Node?, _ root: Node) -> String? {
        guard let node else { return missing("name", root) }
        guard let text = reader.text(node, "'name'"), reader.checkName(text, node, "'name'") else { return nil }
        return text
    }

    private mutating func bus(_ node: Node?) -> BusSettings {
        var bus = BusSettings()
        guard let node else { return bus }
        for entry in reader.entries(of: node, "'bus'", allowed: TopologyKeys.bus) {
            let what = "'\(entry.name)'"
            switch entry.name {
            case "transport":
                bus.transport = reader.choice(entry.value, what, BusSettings.Transport.self) ?? bus.transport
            case "sendHighWater":
                bus.sendHighWater = highWater(entry.value, what) ?? bus.sendHighWater
            default:
                bus.receiveHighWater = highWater(entry.value, what) ?? bus.receiveHighWater
            }
        }
        return bus
    }

    /// At least one: for the transport 0 would mean no limit, and nothing is unbounded.
    private mutating func highWater(_ node: Node, _ what: String) -> Int? {
        reader.number(node, what, atLeast: 1, atMost: 10_000_000)
    }

    private mutating func log(_ node: Node?, _ root: Node) -> Placement? {
        guard let node else { return missing("log", root) }
        var placement = PlacementParser(reader: reader)
        defer { reader = placement.reader }
        return placement.parse(node)
    }

    private mutating func processes(_ node: Node?, _ placement: Placement?, _ root: Node) -> [TopologyProcess]? {
        guard let node else { return missing("processes", root) }
        var processes = ProcessesParser(reader: reader, placement: placement)
        defer { reader = processes.reader }
        return processes.parse(node)
    }

    private mutating func faults(_ node: Node?, _ processes: [TopologyProcess]?, _ bus: BusSettings) -> [FaultSpec]? {
        guard let node else { return nil }
        let check = processes.map { FaultCheck(instances: $0.flatMap(\.instances), bus: bus) }
        var faults = FaultsParser(reader: reader, check: check)
        defer { reader = faults.reader }
        return faults.parse(node)
    }
}
