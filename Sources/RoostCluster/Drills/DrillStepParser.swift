import Yams

/// Reads the steps of a method.
struct DrillStepParser {
    private(set) var reader: TopologyReader

    init(reader: TopologyReader) { self.reader = reader }

    mutating func parse(_ node: Node, _ what: String) -> [DrillStep] {
        guard let nodes = node.sequence else {
            reader.report(node, "\(what) must be a list of steps")
            return []
        }
        var steps: [DrillStep] = []
        for node in nodes { steps += step(node, after: steps.last?.at ?? .zero) }
        return steps
    }

    /// Several where it names several processes. Without a time of its own it comes at that of the one before.
    private mutating func step(_ node: Node, after previous: Duration) -> [DrillStep] {
        let entries = reader.entries(of: node, "a step", allowed: DrillKeys.step + DrillKeys.actions)
        let values = Dictionary(entries.map { ($0.name, $0.value) }) { first, _ in first }
        let actions = entries.filter { DrillKeys.actions.contains($0.name) }
        guard let action = actions.first, actions.count == 1 else {
            let known = DrillKeys.actions.joined(separator: ", ")
            reader.report(node, "a step does exactly one of: \(known)")
            return []
        }
        let times = values["times"].flatMap { reader.number($0, "'times'", atLeast: 1, atMost: 1000) } ?? 1
        let steps = self.actions(action).map { found in
            var step = DrillStep(at: values["at"].flatMap { reader.duration($0, "'at'") } ?? previous, action: found)
            step.place = TopologyMarks.Place(action.value)
            step.exit = values["exit"].flatMap { exit($0) } ?? step.exit
            step.says = values["says"].flatMap { reader.text($0, "'says'") }
            step.within = values["within"].flatMap { reader.duration($0, "'within'") } ?? step.within
            step.isAwaited = !(values["beside"]?.bool ?? false)
            step.lasts = values["for"].flatMap { reader.duration($0, "'for'") }
            if let node = values["for"], step.lasts != nil, step.undoing == nil {
                reader.report(node, "'for' is for pause, stop and fault; '\(action.name)' is not undone")
            }
            return step
        }
        return (0..<times).flatMap { _ in steps }
    }

    private mutating func exit(_ node: Node) -> DrillStep.Exit? {
        if node.scalar?.string == "any" { return .any }
        return reader.number(node, "'exit'", atLeast: 0, atMost: 255).map { .code(Int32($0)) }
    }

    private mutating func actions(_ entry: TopologyReader.Entry) -> [DrillStep.Action] {
        let what = "'\(entry.name)'"
        switch entry.name {
        case "kill": return each(entry) { .signal("KILL", process: $0) }
        case "pause": return each(entry) { .signal("STOP", process: $0) }
        case "resume": return each(entry) { .signal("CONT", process: $0) }
        case "stop", "start", "restart": return each(entry) { .control(entry.name, process: $0) }
        case "rebuild": return words(entry, leading: "projection").map { [.rebuild($0)] } ?? []
        case "move": return words(entry, leading: "partition").map { [.command(["move"] + $0)] } ?? []
        case "fault": return fault(entry.value).map { [.fault($0)] } ?? []
        case "retry", "discard":
            return words(entry, leading: "stream").map { [.command(["parked", entry.name] + $0)] } ?? []
        case "mend": return each(entry) { .mend($0) }
        case "clear":
            return each(entry) { .command(["fault", "clear"] + ($0 == "all" ? ["--all"] : [$0])) }
        case "backup": return reader.text(entry.value, what).map { [.backup($0)] } ?? []
        case "restore": return reader.text(entry.value, what).map { [.restore($0)] } ?? []
        case "cluster": return verb(entry.value).map { [.cluster($0)] } ?? []
        case "remove": return path(entry.value, what).map { [.remove($0)] } ?? []
        case "copy": return copy(entry.value).map { [$0] } ?? []
        case "burst": return burst(entry.value).map { [.burst($0)] } ?? []
        case "wait-for": return waitFor(entry.value).map { [$0] } ?? []
        default:
            let text = reader.text(entry.value, what) ?? ""
            return text.isEmpty ? [] : [.command(text.split(separator: " ").map { String($0) })]
        }
    }

    private mutating func fault(_ node: Node) -> FaultSpec? {
        var faults = FaultParser(reader: reader)
        defer { reader = faults.reader }
        return faults.parse(node)
    }

    private mutating func each(
        _ entry: TopologyReader.Entry, _ make: (String) -> DrillStep.Action
    ) -> [DrillStep.Action] {
        reader.words(entry.value, "'\(entry.name)'").map { make($0.word) }
    }

    /// `{projection: search, prove: true, rate: 500}` is `search --prove --rate 500`; a text is the leading word alone.
    private mutating func words(_ entry: TopologyReader.Entry, leading: String) -> [String]? {
        if entry.value.mapping == nil { return reader.text(entry.value, "'\(entry.name)'").map { [$0] } }
        let values = reader.entries(of: entry.value, "'\(entry.name)'")
        guard let first = values.first(where: { $0.name == leading }) else {
            reader.report(entry.key, "'\(entry.name)' has no key '\(leading)'")
            return nil
        }
        guard let word = reader.text(first.value, "'\(leading)'") else { return nil }
        var words = [word]
        for value in values where value.name != leading {
            if value.value.bool == false { continue }
            words.append("--\(value.name)")
            if value.value.bool != true { words.append(reader.text(value.value, "'\(value.name)'") ?? "") }
        }
        return words
    }

    private enum Verb: String, CaseIterable { case down, up, restart }

    private mutating func verb(_ node: Node) -> String? { reader.choice(node, "'cluster'", Verb.self)?.rawValue }

    /// Only what is below the cluster's directory.
    private mutating func path(_ node: Node, _ what: String) -> String? {
        guard let text = reader.text(node, what) else { return nil }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        if !parts.isEmpty, parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." }) { return text }
        reader.report(node, "\(what) must be a path below the cluster's directory, such as projections/search")
        return nil
    }

    private mutating func copy(_ node: Node) -> DrillStep.Action? {
        let values = reader.values(of: node, "'copy'", allowed: DrillKeys.copy)
        for key in DrillKeys.copy where values[key] == nil { reader.report(node, "'copy' has no key '\(key)'") }
        guard let from = values["from"].flatMap({ path($0, "'from'") }),
            let to = values["to"].flatMap({ path($0, "'to'") })
        else { return nil }
        return .copy(from, to)
    }

    private mutating func burst(_ node: Node) -> DrillLoad? {
        var drill = DrillParser(reader: reader)
        defer { reader = drill.reader }
        return drill.load(node, "'burst'")
    }

    private mutating func waitFor(_ node: Node) -> DrillStep.Action? {
        if node.mapping == nil {
            return reader.choice(node, "'wait-for'", Goal.self).map { .waitFor($0.rawValue) }
        }
        let values = reader.values(of: node, "'wait-for'", allowed: DrillKeys.waitFor)
        guard let process = values["process"].flatMap({ reader.text($0, "'process'") }) else {
            reader.report(node, "'wait-for' has no key 'process'")
            return nil
        }
        let state = values["state"].map { reader.choice($0, "'state'", State.self) } ?? .ready
        return state.map { .waitForProcess(process, state: $0.rawValue) }
    }

    private enum Goal: String, CaseIterable {
        case ready
        case caughtUp = "caught-up"
    }

    private enum State: String, CaseIterable { case ready, stopped, failed, starting, backoff }
}
