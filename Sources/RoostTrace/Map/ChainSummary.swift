package import RoostCore

/// How long chains take, over a whole log. Document `roost.chains/1`.
package struct ChainSummary: Codable, Sendable {
    /// All chains that begin with one type of event.
    package struct Kind: Codable, Equatable, Sendable {
        /// Of the first event.
        package let type: String
        package let chains: Int
        package let events: Int
        /// From the first event of a chain to the last, in nanoseconds of recorded time: in the middle, and of 100 chains 99
        /// are faster.
        package let median: Int64
        package let p99: Int64
        /// The step that takes longest in the middle, as in `OrderPaid → OrderShipped`; null where no event has an effect.
        @Explicit package private(set) var slowestStep: String?
    }

    /// One chain.
    package struct Chain: Codable, Equatable, Sendable {
        package let correlationID: CorrelationID
        /// Of its first event.
        package let type: String
        package let events: Int
        /// In nanoseconds of recorded time.
        package let duration: Int64
    }

    package let schema: String
    /// The most frequent first.
    package let kinds: [Kind]
    /// The slowest first, as many as were asked for.
    package let slowest: [Chain]

    package init(_ chain: ChainFacts, slowest count: Int) {
        let graph = CauseGraph(chain.all)
        var chains: [UInt128: Span] = [:]
        for fact in chain.all { chains[fact.correlation, default: Span(fact)].add(fact) }
        var spans: [UInt32: [Span]] = [:]
        for span in chains.values { spans[span.type, default: []].append(span) }
        let steps = Self.steps(chain, graph, chains)
        schema = "roost.chains/1"
        kinds = spans.map { type, spans in
            let durations = spans.map(\.duration).sorted()
            return Kind(
                type: chain.types[Int(type)], chains: spans.count, events: spans.reduce(0) { $0 + $1.events },
                median: durations[durations.count / 2], p99: durations[durations.count * 99 / 100],
                slowestStep: Explicit(wrappedValue: steps[type]))
        }.sorted { ($1.chains, $0.type) < ($0.chains, $1.type) }
        slowest = chains.values.sorted { ($1.duration, $0.correlation) < ($0.duration, $1.correlation) }.prefix(count)
            .map {
                Chain(
                    correlationID: CorrelationID(bits: $0.correlation), type: chain.types[Int($0.type)],
                    events: $0.events, duration: $0.duration)
            }
    }

    /// The slowest step of the chains that begin with a type.
    private static func steps(
        _ chain: ChainFacts, _ graph: CauseGraph, _ chains: [UInt128: Span]
    ) -> [UInt32: String] {
        struct Step: Hashable {
            let begin, from, to: UInt32
        }
        var durations: [Step: [Int64]] = [:]
        for (index, fact) in chain.all.enumerated() {
            let cause = graph.causes[index]
            guard cause >= 0, let begin = chains[fact.correlation]?.type else { continue }
            let before = chain.all[Int(cause)]
            durations[Step(begin: begin, from: before.type, to: fact.type), default: []]
                .append(fact.recorded.nanoseconds.clampedDistance(from: before.recorded.nanoseconds))
        }
        var slowest: [UInt32: (median: Int64, name: String)] = [:]
        for (step, durations) in durations {
            let median = durations.sorted()[durations.count / 2]
            let name = "\(chain.types[Int(step.from)]) → \(chain.types[Int(step.to)])"
            if let known = slowest[step.begin], (known.median, name) > (median, known.name) { continue }
            slowest[step.begin] = (median, name)
        }
        return slowest.mapValues(\.name)
    }

    /// A chain from its first event to its last.
    private struct Span {
        let correlation: UInt128
        private(set) var type: UInt32
        private(set) var events = 0
        private var first: (recorded: Timestamp, id: UInt128)
        private var last: Timestamp

        init(_ fact: ChainFact) {
            correlation = fact.correlation
            type = fact.type
            first = (fact.recorded, fact.id)
            last = fact.recorded
        }

        mutating func add(_ fact: ChainFact) {
            events += 1
            last = max(last, fact.recorded)
            guard (fact.recorded, fact.id) < first else { return }
            first = (fact.recorded, fact.id)
            type = fact.type
        }

        var duration: Int64 { last.nanoseconds.clampedDistance(from: first.recorded.nanoseconds) }
    }
}

extension ChainSummary.Kind {
    fileprivate init(
        type: String, chains: Int, events: Int, median: Int64, p99: Int64, slowestStep: Explicit<String>
    ) {
        self.type = type
        self.chains = chains
        self.events = events
        self.median = median
        self.p99 = p99
        _slowestStep = slowestStep
    }
}
