import CLimits

/// Durable commands through one writer process, from a client in another process, JSON included.
enum CommandRows {
    private static let seconds = 2.0
    private static let eventBytes: Int32 = 200

    static func throughput() async throws -> [Row] {
        [try await throughput(partitions: 1), try await throughput(partitions: 8)].flatMap(\.self)
    }

    private static func throughput(partitions: UInt32) async throws -> [Row] {
        var (values, limits, latencies): ([Double], [Double], [LoadResult]) = ([], [], [])
        for _ in 0..<Suite.rounds {
            limits.append(try await raw())
            let result = try await run(Load(inFlight: 1024, aggregates: 10_000, seconds: seconds), partitions)
            values.append(result.perSecond)
            latencies.append(result)
        }
        let name = "durable commands, \(partitions) partition\(partitions == 1 ? "" : "s")"
        return [
            Row(
                name, unit: "commands/s", values, limit: limits, of: "raw C SQLite, 512 per commit", target: 0.3),
            Row("  answered within, p50", unit: "ms", Measure.median(latencies.map(\.p50))),
            Row("  answered within, p99", unit: "ms", Measure.median(latencies.map(\.p99))),
        ]
    }

    /// One aggregate that everybody wants: commands decided ahead of the disk against one command per sync.
    static func hotAggregate() async throws -> [Row] {
        var (values, limits): ([Double], [Double]) = ([], [])
        for _ in 0..<Suite.rounds {
            limits.append(try await run(Load(inFlight: 1, aggregates: 1, seconds: 1), 1).perSecond)
            values.append(try await run(Load(inFlight: 64, aggregates: 1, seconds: 1), 1).perSecond)
        }
        return [
            Row(
                "one hot aggregate, 64 in flight", unit: "commands/s", values, limit: limits, of: "one at a time",
                target: 10)
        ]
    }

    /// One file: more of them only share the same disk.
    static func raw() async throws -> Double {
        try await Scratch.with { directory in
            let rate = roost_limit_append(directory, 1, 512, eventBytes, seconds)
            guard rate > 0 else { throw BenchmarkError("raw SQLite could not append") }
            return rate
        }
    }

    private static func run(_ load: Load, _ partitions: UInt32) async throws -> LoadResult {
        try await Scratch.with { directory in
            let writer = try Child(.writer, [directory, "\(partitions)"])
            guard try writer.line() == "ready" else { throw BenchmarkError("the writer is not ready") }
            let client = try Child(.client, [directory] + load.arguments)
            let result = try LoadResult.read(from: client)
            try client.end()
            try writer.end()
            return result
        }
    }
}
