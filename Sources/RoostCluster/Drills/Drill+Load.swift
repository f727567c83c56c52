import Foundation
import RoostCore
import Yams

extension Drill {
    /// The drill of a file, or all its problems.
    package static func load(file: String) throws(ClusterError) -> Drill {
        do throws(TopologyError) {
            return try parse(source(of: file), file: file)
        } catch {
            throw ClusterError(error)
        }
    }

    /// The drill of a text; `file` is only named in problems.
    package static func parse(_ text: String, file: String) throws(TopologyError) -> Drill {
        var parser = DrillParser(file: file)
        return try parser.parse(Topology.root(of: text, file: file, beginning: "drill: \(format)"))
    }

    private static func source(of file: String) throws(TopologyError) -> String {
        do {
            return try String(contentsOfFile: file, encoding: .utf8)
        } catch {
            throw TopologyError([
                TopologyProblem(
                    file: file, line: 0, column: 0, message: "cannot be read as a text file; give the path of a drill",
                    suggestion: nil)
            ])
        }
    }

    /// The text of the topology that the drill runs on: that of `file` with the drill's own changes laid over it.
    package func topology(over file: String, home: String) throws(ClusterError) -> String {
        do throws(TopologyError) {
            let base = try Topology.root(
                of: Topology.source(of: file), file: file, beginning: "roost: \(Topology.format)")
            var root = base
            if let overlay = given.overlay {
                root = try root.laidOver(by: Topology.root(of: overlay, file: self.file, beginning: "a topology"))
            }
            let unknown = unknownProcesses(in: root, over: base, of: file)
            guard unknown.isEmpty else { throw TopologyError(unknown) }
            let planted =
                given.failpoints.map { ($0, "ROOST_FAILPOINT", "\($1):\(home)/reached-\($0)") }
                + given.poison.map { ($0, "ROOST_POISON", "\($1):\(home)/mended-\($0)") }
            for (process, variable, value) in planted.sorted(by: { $0.0 < $1.0 }) {
                let env = Node([(Node("env"), Node([(Node(variable), Node(value))]))])
                root = root.laidOver(by: Node([(Node("processes"), Node([(Node(process), env)]))]))
            }
            let text = try serialized(root)
            _ = try Topology.parse(text, file: "\(self.file), laid over \(file)")
            return text
        } catch {
            throw ClusterError(error)
        }
    }

    /// What is planted in a process that is not there, or changes one, would make another one without a role.
    private func unknownProcesses(in root: Node, over base: Node, of file: String) -> [TopologyProblem] {
        let known = Set(base.processes.keys)
        let made = root.processes.filter { $0.value.mapping?["role"] != nil }.keys
        let named = Set(given.failpoints.keys).union(given.poison.keys).union(root.processes.keys)
        return named.subtracting(known).subtracting(made).sorted().map { name in
            problem(
                about: name, "\(file) has no process '\(name)'",
                suggestion: Suggestion.nearest(to: name, among: known.sorted()))
        }
    }

    private func serialized(_ root: Node) throws(TopologyError) -> String {
        do {
            return try Yams.serialize(node: root)
        } catch {
            throw TopologyError([
                TopologyProblem(file: file, line: 0, column: 0, message: "no topology: \(error)", suggestion: nil)
            ])
        }
    }

    /// What is wrong with the drill where it is to run: processes that the topology has not, or that are no projections where one
    /// is needed, and faults that do not fit.
    package func check(against topology: Topology) -> [TopologyProblem] {
        let faults = FaultCheck(topology)
        let unfit = allSteps.flatMap { step in
            (step.fault.map(faults.problems) ?? []).map {
                problem(at: step.place, $0.message, suggestion: $0.suggestion)
            }
        }
        let known = Set(topology.instances.map(\.name) + topology.processes.map(\.name))
        let named =
            allSteps.compactMap(\.process) + (expected + ensured).map(\.process) + given.failpoints.keys
            + given.poison.keys
        let unknown = Set(named).subtracting(known).sorted().map { name in
            problem(
                about: name, "the topology '\(topology.name)' has no process '\(name)'",
                suggestion: Suggestion.nearest(to: name, among: known.sorted()))
        }
        return unfit + unknown + noProjections(topology, known)
    }

    private func noProjections(_ topology: Topology, _ known: Set<String>) -> [TopologyProblem] {
        let projections = topology.instances.filter { $0.role == .projection }.map(\.name)
        let unfit = { (name: String) in known.contains(name) && !projections.contains(name) }
        let words = { (name: String) in "\(name) is no projection; they are \(projections.joined(separator: ", "))" }
        return allSteps.compactMap { step in
            step.projection.flatMap { unfit($0) ? problem(at: step.place, words($0)) : nil }
        } + given.poison.keys.sorted().filter(unfit).map { problem(about: "poison/\($0)", words($0)) }
    }

    /// What is wrong with a step.
    package func problem(with step: DrillStep, _ message: String) -> TopologyProblem {
        problem(at: step.place, message)
    }
}

extension DrillStep {
    fileprivate var fault: FaultSpec? { if case .fault(let fault) = action { fault } else { nil } }

    /// The projection that it is about, if it needs one.
    fileprivate var projection: String? {
        switch action {
        case .mend(let process): process
        case .rebuild(let words): words.first
        default: nil
        }
    }

    /// The process that it is about, if it names one.
    fileprivate var process: String? {
        switch action {
        case .signal(_, let process), .control(_, let process), .waitForProcess(let process, _), .mend(let process):
            process
        case .rebuild(let words): words.first
        default: nil
        }
    }
}

extension Node {
    /// Those of a topology, by name.
    fileprivate var processes: [String: Node] {
        let entries = mapping?["processes"]?.mapping?.compactMap { key, value in key.scalar.map { ($0.string, value) } }
        return Dictionary(entries ?? []) { first, _ in first }
    }

    /// Mappings are joined key by key; anything else is replaced.
    fileprivate func laidOver(by other: Node) -> Node {
        guard var mapping, let changes = other.mapping else { return other }
        for (key, value) in changes {
            mapping[key] = mapping[key].map { $0.laidOver(by: value) } ?? value
        }
        return .mapping(mapping)
    }
}
