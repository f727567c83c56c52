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

    mutating func parking(_ node: Node?) -> ParkingPolicy {
        var policy = ParkingPolicy()
        guard let node else { return policy }
        for entry in reader.entries(of: node, "'parking'", allowed: TopologyKeys.parking) {
            switch entry.name {
            case "streams":
                policy.streams = reader.number(entry.value, "'streams'", atLeast: 0, atMost: 100_000) ?? policy.streams
            default: policy.crashes = reader.number(entry.value, "'crashes'", atLeast: 1, atMost: 20) ?? policy.crashes
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

    /// `replicas` is nil when it could not be read.
    mutating func failover(_ node: Node?, replicas: Int?) -> FailoverPolicy? {
        guard let node else { return nil }
        var policy = FailoverPolicy()
        for entry in reader.entries(of: node, "'failover'", allowed: TopologyKeys.failover) {
            let what = "'\(entry.name)'"
            switch entry.name {
            case "standbys": policy.standbys = reader.number(entry.value, what, atLeast: 0, atMost: 256) ?? 0
            case "stalledAfter": policy.stalledAfter = stalledAfter(entry.value, what) ?? policy.stalledAfter
            default: policy.killsStalled = reader.truth(entry.value, what) ?? true
            }
        }
        if policy.standbys == 0, replicas == 1 {
            reader.report(node, "nobody could take over: give 'failover' at least one of 'standbys', or 'replicas: 2'")
        }
        return policy
    }

    /// An instance says five times in this span that it is there; a busy machine makes that later.
    private mutating func stalledAfter(_ node: Node, _ what: String) -> Duration? {
        guard let duration = reader.duration(node, what) else { return nil }
        guard duration < .milliseconds(200) else { return duration }
        reader.report(node, "\(what) is at least 200ms: a busy machine is not a lost one")
        return nil
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
