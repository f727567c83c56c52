import RoostCore
import Yams

/// Reads a fault from a node of a topology or of a drill, or from the words of a command.
struct FaultParser {
    private(set) var reader: TopologyReader

    init(reader: TopologyReader) { self.reader = reader }

    /// nil when something is wrong with it, which `reader` has noted.
    mutating func parse(_ node: Node) -> FaultSpec? {
        let before = reader.problems.count
        let entries = reader.entries(of: node, "a fault", allowed: TopologyKeys.fault)
        guard let kind = kind(entries, node) else { return nil }
        var fault = FaultSpec(kind)
        for entry in entries where entry.name != "kind" {
            if kind.keys.contains(entry.name) {
                read(entry, into: &fault)
            } else {
                reader.report(
                    entry.key,
                    "a fault of kind '\(kind.rawValue)' has no '\(entry.name)'; it may have "
                        + kind.keys.joined(separator: ", "))
            }
        }
        for key in kind.requiredKeys where !entries.contains(where: { $0.name == key }) {
            reader.report(node, "a fault of kind '\(kind.rawValue)' needs '\(key)'")
        }
        return reader.problems.count == before ? fault : nil
    }

    private mutating func kind(_ entries: [TopologyReader.Entry], _ node: Node) -> FaultKind? {
        if let entry = entries.first(where: { $0.name == "kind" }) {
            return reader.choice(entry.value, "'kind'", FaultKind.self)
        }
        let kinds = FaultKind.allCases.map(\.rawValue).joined(separator: ", ")
        reader.report(node, "a fault has no key 'kind'; it is one of \(kinds)")
        return nil
    }

    private mutating func read(_ entry: TopologyReader.Entry, into fault: inout FaultSpec) {
        let (node, what) = (entry.value, "'\(entry.name)'")
        switch entry.name {
        case "process": fault.process = reader.text(node, what)
        case "from": fault.from = reader.text(node, what)
        case "to": fault.to = reader.text(node, what)
        case "link": fault.link = reader.choice(node, what, FaultLink.self)
        case "rate": fault.ratePerMillion = rate(node) ?? fault.ratePerMillion
        case "count": fault.count = reader.number(node, what, atLeast: 1, atMost: 1_000_000_000) ?? fault.count
        case "by": fault.delay = delay(node, what) ?? fault.delay
        case "jitter": fault.jitter = delay(node, what) ?? fault.jitter
        case "both": fault.isBothWays = isTrue(node) ?? fault.isBothWays
        case "offset": fault.clockOffset = offset(node) ?? fault.clockOffset
        default: fault.seed = reader.number(node, what, atLeast: 0, atMost: .max).map(UInt64.init) ?? fault.seed
        }
    }

    private mutating func rate(_ node: Node) -> Int? {
        if let rate = FaultText.rate(node.scalar?.string ?? ""), rate > 0 { return rate }
        reader.report(node, "'rate' must be a share of more than 0% up to 100%, such as 50% or 0.5%")
        return nil
    }

    /// At most an hour: who waits longer than that has been cut off.
    private mutating func delay(_ node: Node, _ what: String) -> Duration? {
        guard let duration = reader.duration(node, what) else { return nil }
        if duration > .zero, duration <= .seconds(3600) { return duration }
        reader.report(node, "\(what) must be longer than 0 and at most 1h")
        return nil
    }

    private mutating func offset(_ node: Node) -> Duration? {
        if let offset = FaultText.offset(node.scalar?.string ?? ""), offset != .zero { return offset }
        reader.report(node, "'offset' must be how far ahead or behind the clock is, such as 90s or -10m")
        return nil
    }

    private mutating func isTrue(_ node: Node) -> Bool? {
        if let value = node.bool { return value }
        reader.report(node, "'both' must be true or false")
        return nil
    }
}

extension FaultSpec {
    /// The fault that `words` describe, as in `[("kind", "drop"), ("rate", "50%")]`; throws everything that is wrong.
    package static func parse(_ words: [(name: String, text: String)]) throws(TopologyError) -> FaultSpec {
        var parser = FaultParser(reader: TopologyReader(file: "roost fault add"))
        let node = Node.mapping(.init(words.map { (Node($0.name), Node($0.text)) }))
        guard let fault = parser.parse(node) else { throw TopologyError(parser.reader.problems) }
        return fault
    }
}
