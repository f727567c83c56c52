import RoostJSON

/// How a client loads a writer.
struct Load {
    /// Commands under way at any time.
    var inFlight: Int
    /// Aggregates that are addressed at random.
    var aggregates: Int
    var seconds: Double
    /// Long enough for every aggregate to be in memory.
    var warmUpSeconds = 1.0

    init(inFlight: Int, aggregates: Int, seconds: Double) {
        self.inFlight = inFlight
        self.aggregates = aggregates
        self.seconds = seconds
    }

    init(arguments: some Sequence<String>) throws {
        let numbers = arguments.compactMap(Double.init)
        guard numbers.count == 3 else { throw BenchmarkError("a load has three numbers") }
        self.init(inFlight: Int(numbers[0]), aggregates: Int(numbers[1]), seconds: numbers[2])
    }

    var arguments: [String] { ["\(inFlight)", "\(aggregates)", "\(seconds)"] }

    /// Commands a lane sends at once, to one partition: those of a turn leave in one message anyway.
    var perLane: Int { max(1, inFlight / 64) }
    var lanes: Int { inFlight / perLane }
}

/// What a client saw.
struct LoadResult: Codable {
    var perSecond: Double
    /// From the sending of a command to its answer, in milliseconds.
    var p50: Double
    var p99: Double

    static func read(from child: Child) throws -> LoadResult {
        try JSONPayloadDecoder().decode(LoadResult.self, from: Array(child.line().utf8))
    }
}
