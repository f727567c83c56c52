import RoostCore

/// Which event leads to which, over all chains: the process as it really is, rare paths included. Document `roost.map/1`.
package struct ProcessMap: Codable, Sendable {
    /// A type of event.
    package struct Node: Codable, Equatable, Sendable {
        package let type: String
        package let count: Int
        /// How many of them begin a chain.
        package let starts: Int
        /// How many lead to nothing.
        package let ends: Int
    }

    /// Events of one type that are direct causes of events of another.
    package struct Edge: Codable, Equatable, Sendable {
        package let from: String
        package let to: String
        /// Effects.
        package let count: Int
        /// From the recorded time of the cause to that of the effect, in nanoseconds.
        package let median: Int64
        /// Of 100 effects, 99 come sooner.
        package let p99: Int64
    }

    package let schema: String
    package let events: Int
    package let chains: Int
    /// The most frequent first.
    package let nodes: [Node]
    /// The most frequent first.
    package let edges: [Edge]

    package init(_ chain: ChainFacts) {
        let graph = CauseGraph(chain.all)
        var durations: [Pair: [Int64]] = [:]
        var (counts, starts) = ([UInt32: Int](), [UInt32: Int]())
        var leads = [Bool](repeating: false, count: chain.all.count)
        for (index, fact) in chain.all.enumerated() {
            counts[fact.type, default: 0] += 1
            let cause = graph.causes[index]
            guard cause >= 0 else {
                if cause == CauseGraph.root { starts[fact.type, default: 0] += 1 }
                continue
            }
            leads[Int(cause)] = true
            let before = chain.all[Int(cause)]
            durations[Pair(from: before.type, to: fact.type), default: []]
                .append(fact.recorded.nanoseconds.clampedDistance(from: before.recorded.nanoseconds))
        }
        var ends: [UInt32: Int] = [:]
        for (fact, leads) in zip(chain.all, leads) where !leads { ends[fact.type, default: 0] += 1 }
        schema = "roost.map/1"
        events = chain.all.count
        chains = Set(chain.all.lazy.map(\.correlation)).count
        nodes = counts.map { type, count in
            Node(
                type: chain.types[Int(type)], count: count, starts: starts[type] ?? 0, ends: ends[type] ?? 0)
        }.sorted { ($1.count, $0.type) < ($0.count, $1.type) }
        edges = durations.map { pair, durations in
            let sorted = durations.sorted()
            return Edge(
                from: chain.types[Int(pair.from)], to: chain.types[Int(pair.to)], count: sorted.count,
                median: sorted[sorted.count / 2], p99: sorted[sorted.count * 99 / 100])
        }.sorted { ($1.count, $0.from, $0.to) < ($0.count, $1.from, $1.to) }
    }

    private struct Pair: Hashable {
        let from, to: UInt32
    }
}

extension ProcessMap {
    /// As in `12 ms`: two digits that count.
    package static func words(_ nanoseconds: Int64) -> String {
        let steps: [(Int64, String)] = [
            (86_400_000_000_000, "d"), (3_600_000_000_000, "h"), (60_000_000_000, "min"), (1_000_000_000, "s"),
            (1_000_000, "ms"), (1000, "µs"),
        ]
        guard let (size, unit) = steps.first(where: { nanoseconds.magnitude >= $0.0.magnitude }) else {
            return "\(nanoseconds) ns"
        }
        let tenths = nanoseconds / (size / 10)
        return abs(tenths) < 100 ? "\(tenths / 10).\(abs(tenths % 10)) \(unit)" : "\(tenths / 10) \(unit)"
    }
}

extension Int64 {
    /// The difference of two times, as far as it can be counted.
    func clampedDistance(from other: Int64) -> Int64 {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? (self < other ? .min : .max) : difference
    }
}
