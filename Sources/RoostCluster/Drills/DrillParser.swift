import RoostCore
import Yams

/// Turns the nodes of a file into a drill, or into the list of everything that is wrong with it.
struct DrillParser {
    private(set) var reader: TopologyReader

    init(file: String) { reader = TopologyReader(file: file) }

    init(reader: TopologyReader) { self.reader = reader }

    mutating func parse(_ root: Node) throws(TopologyError) -> Drill {
        let values = reader.values(of: root, "a drill", allowed: DrillKeys.root)
        checkFormat(values["drill"], root)
        var drill = Drill(
            name: name(values["name"], root), title: text("title", values, root),
            places: TopologyMarks(wordsOf: root, without: ["name", "title"], file: reader.marks.file))
        if let node = values["given"] { drill.given = given(node) }
        drill.load = values["load"].flatMap { load($0, "'load'") }
        drill.queriesAlways = values["queries"].map { always($0) } ?? false
        drill.settleWithin = values["settle"].flatMap { reader.duration($0, "'settle'") } ?? drill.settleWithin
        drill.seed = values["seed"].flatMap { seed($0) } ?? drill.seed
        drill.mode = values["mode"].flatMap { reader.choice($0, "'mode'", Drill.Mode.self) } ?? drill.mode
        if let node = values["stop-if"] { drill.stopIf = stopConditions(node) }
        if let node = values["expect"] { drill.expected = expectations(node, "'expect'") }
        if let node = values["ensure"] { drill.ensured = expectations(node, "'ensure'") }
        drill.explore = values["explore"].map { exploration($0) }
        drill.method = values["method"].map { steps($0, "'method'") } ?? []
        if values["method"] == nil, drill.explore == nil { reader.report(root, "the drill has no key 'method'") }
        if drill.mode == .explore, drill.explore == nil {
            reader.report(root, "a drill that explores has the key 'explore'")
        }
        guard reader.problems.isEmpty else { throw TopologyError(reader.problems) }
        return drill
    }

    private mutating func checkFormat(_ node: Node?, _ root: Node) {
        guard let node else {
            return reader.report(root, "the drill has no key 'drill'; begin the file with 'drill: \(Drill.format)'")
        }
        guard node.int != Drill.format else { return }
        reader.report(node, "this version of Roost reads drills of format \(Drill.format)")
    }

    private mutating func name(_ node: Node?, _ root: Node) -> String {
        guard let node else { return text("name", [:], root) }
        guard let text = reader.text(node, "'name'"), reader.checkName(text, node, "'name'") else { return "" }
        return text
    }

    private mutating func text(_ key: String, _ values: [String: Node], _ root: Node) -> String {
        if let node = values[key] { return reader.text(node, "'\(key)'") ?? "" }
        reader.report(root, "the drill has no key '\(key)'")
        return ""
    }

    private mutating func seed(_ node: Node) -> UInt64? {
        if let value = node.int, value >= 0 { return UInt64(value) }
        reader.report(node, "'seed' must be a whole number")
        return nil
    }

    private mutating func always(_ node: Node) -> Bool {
        if node.scalar?.string == "always" { return true }
        reader.report(node, "'queries' can only be 'always'")
        return false
    }

    // MARK: - Given

    private mutating func given(_ node: Node) -> Drill.Given {
        let values = reader.values(of: node, "'given'", allowed: DrillKeys.given)
        var given = Drill.Given()
        given.topology = values["topology"].flatMap { reader.text($0, "'topology'") }
        given.overlay = values["with"].flatMap { overlay($0) }
        given.load = values["load"].flatMap { load($0, "'load'") }
        if let node = values["failpoints"] {
            for entry in reader.entries(of: node, "'failpoints'") {
                given.failpoints[entry.name] = failpoint(entry.value)
            }
        }
        if let node = values["poison"] {
            for entry in reader.entries(of: node, "'poison'") { given.poison[entry.name] = stream(entry.value) }
        }
        return given
    }

    private mutating func stream(_ node: Node) -> String? {
        guard let text = reader.text(node, "a stream") else { return nil }
        do throws(InvalidName) {
            return try StreamName(text).description
        } catch {
            reader.report(node, "poison is in one stream, such as order/17: \(error)")
            return nil
        }
    }

    private mutating func overlay(_ node: Node) -> String? {
        guard node.mapping != nil else {
            reader.report(node, "'with' must be a mapping: keys of a topology")
            return nil
        }
        do {
            return try Yams.serialize(node: node)
        } catch {
            reader.report(node, "'with' cannot be laid over a topology: \(error)")
            return nil
        }
    }

    private mutating func failpoint(_ node: Node) -> String? {
        guard let text = reader.text(node, "a failpoint") else { return nil }
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        let count = parts.last.map { $0.hasSuffix(".stop") ? $0.dropLast(5) : $0 } ?? ""
        if parts.count == 2, !parts[0].isEmpty, parts[1] == "every" || UInt(count) != nil { return text }
        reader.report(
            node, "a failpoint is NAME@COUNT, NAME@COUNT.stop or NAME@every, such as projection.after-commit@3")
        return nil
    }

    mutating func load(_ node: Node, _ what: String) -> DrillLoad? {
        if let count = node.int, count > 0 { return DrillLoad(commands: count) }
        let values = reader.values(of: node, what, allowed: DrillKeys.load)
        guard let commands = values["commands"] else {
            reader.report(node, "\(what) has no key 'commands'")
            return nil
        }
        let max = 1_000_000
        var load = DrillLoad(commands: reader.number(commands, "'commands'", atLeast: 1, atMost: max) ?? 1)
        load.rate = values["rate"].flatMap { reader.number($0, "'rate'", atLeast: 1, atMost: max) }
        load.clients = values["clients"].flatMap { reader.number($0, "'clients'", atLeast: 1, atMost: 64) } ?? 1
        load.repeated = values["repeat"].flatMap { repeated($0) }
        return load
    }

    private mutating func repeated(_ node: Node) -> DrillLoad.Repeated? {
        let values = reader.values(of: node, "'repeat'", allowed: DrillKeys.repeated)
        for key in DrillKeys.repeated where values[key] == nil { reader.report(node, "'repeat' has no key '\(key)'") }
        guard let command = values["command"], let stream = values["to"], let data = values["data"] else { return nil }
        guard let command = reader.text(command, "'command'"), let stream = reader.text(stream, "'to'"),
            let data = reader.text(data, "'data'")
        else { return nil }
        return DrillLoad.Repeated(command: command, stream: stream, data: data)
    }

    // MARK: - Conditions

    private mutating func stopConditions(_ node: Node) -> Drill.StopConditions {
        let values = reader.values(of: node, "'stop-if'", allowed: DrillKeys.stopIf)
        var stop = Drill.StopConditions()
        let max = 1_000_000_000
        stop.restarts = values["restarts"].flatMap { reader.number($0, "'restarts'", atLeast: 0, atMost: max) }
        stop.lag = values["lag"].flatMap { reader.number($0, "'lag'", atLeast: 0, atMost: max) }
        stop.failed = values["failed"]?.bool ?? false
        stop.after = values["after"].flatMap { reader.duration($0, "'after'") } ?? stop.after
        return stop
    }

    /// `dashboard: {gaps: 1.., eventsFromBus: 0}`
    private mutating func expectations(_ node: Node, _ what: String) -> [Drill.Expectation] {
        reader.entries(of: node, what).flatMap { process in
            reader.entries(of: process.value, "'\(process.name)'").compactMap { counter in
                guard let text = reader.text(counter.value, "'\(counter.name)'") else { return nil }
                guard let range = Self.range(text) else {
                    reader.report(counter.value, "'\(counter.name)' must be a number or a range: 0, 1.., ..9, 1..9")
                    return nil
                }
                return Drill.Expectation(
                    process: process.name, counter: counter.name, range: range,
                    place: TopologyMarks.Place(counter.key))
            }
        }
    }

    private static func range(_ text: String) -> ClosedRange<Int64>? {
        guard let dots = text.firstRange(of: "..") else { return Int64(text).map { $0...$0 } }
        let (before, after) = (text[..<dots.lowerBound], text[dots.upperBound...])
        guard let low = before.isEmpty ? 0 : Int64(before), let high = after.isEmpty ? .max : Int64(after), low <= high
        else { return nil }
        return low...high
    }

    private mutating func exploration(_ node: Node) -> Drill.Exploration {
        let values = reader.values(of: node, "'explore'", allowed: DrillKeys.explore)
        var explore = Drill.Exploration()
        explore.picks =
            values["picks"].flatMap { reader.number($0, "'picks'", atLeast: 1, atMost: 1000) } ?? explore.picks
        explore.within = values["within"].flatMap { reader.duration($0, "'within'") } ?? explore.within
        if let among = values["among"] {
            explore.among = steps(among, "'among'")
        } else {
            reader.report(node, "'explore' has no key 'among': the steps it draws from")
        }
        return explore
    }

    private mutating func steps(_ node: Node, _ what: String) -> [DrillStep] {
        var steps = DrillStepParser(reader: reader)
        defer { reader = steps.reader }
        return steps.parse(node, what)
    }
}

extension TopologyReader {
    /// The entries of a mapping by their keys.
    mutating func values(of node: Node, _ what: String, allowed: [String]) -> [String: Node] {
        Dictionary(entries(of: node, what, allowed: allowed).map { ($0.name, $0.value) }) { first, _ in first }
    }
}
