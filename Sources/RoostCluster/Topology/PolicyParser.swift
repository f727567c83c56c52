import Yams

/// Reads what a process is given and how it is restarted and stopped.
struct PolicyParser {
    private(set) var reader: TopologyReader

    init(reader: TopologyReader) { self.reader = reader }

    mutating func environment(_ node: Node?) -> [String: String] {
        guard let node else { return [:] }
        var environment: [String: String] = [:]
        for entry in reader.entries(of: node, "'env'") {
            environment[entry.name] = reader.text(entry.value, "'\(entry.name)'")
        }
        return environment
    }

    mutating func restart(_ node: Node?, _ role: ProcessRole) -> RestartPolicy {
        var policy = RestartPolicy.standard(for: role)
        guard let node else { return policy }
        for entry in reader.entries(of: node, "'restart'", allowed: TopologyKeys.restart) {
            switch entry.name {
            case "when": policy.when = reader.choice(entry.value, "'when'", RestartPolicy.When.self) ?? policy.when
            case "max": policy.max = reader.number(entry.value, "'max'", atLeast: 1, atMost: 10_000) ?? policy.max
            case "within": policy.within = reader.duration(entry.value, "'within'") ?? policy.within
            default: policy.backoff = backoff(entry.value) ?? policy.backoff
            }
        }
        return policy
    }

    mutating func stopGrace(_ node: Node?) -> Duration {
        let standard = Duration.seconds(10)
        guard let node else { return standard }
        let entries = reader.entries(of: node, "'stop'", allowed: TopologyKeys.stop)
        return entries.first.flatMap { reader.duration($0.value, "'grace'") } ?? standard
    }

    /// `100ms..5s`: the first pause and the longest.
    private mutating func backoff(_ node: Node) -> ClosedRange<Duration>? {
        let text = node.scalar?.string ?? ""
        if let dots = text.firstRange(of: ".."), let first = DurationText.parse(text[..<dots.lowerBound]),
            let last = DurationText.parse(text[dots.upperBound...]), first <= last
        {
            return first...last
        }
        reader.report(node, "'backoff' must be the first pause and the longest, such as 100ms..5s")
        return nil
    }
}
