public import RoostCore
public import RoostNode

/// Checks the law of projections: the same tables for every interleaving that keeps the order of each partition.
///
///     try ProjectionSpec(Dashboard.self).check(run.partitions, interleavings: 20, seed: 1)
public struct ProjectionSpec {
    private let projection: any Projection.Type

    /// Every check makes new tables, in memory.
    public init(_ projection: any Projection.Type) { self.projection = projection }

    /// The tables after the partitions one after the other.
    public func tables(after partitions: [[RecordedEvent]]) throws -> ProjectionTables {
        let tables = try ProjectionTables(projection)
        for event in partitions.joined() { try tables.apply(event) }
        return tables
    }

    /// Compares the tables after the partitions one after the other with those after each shuffled interleaving and
    /// with those after the reverse order of partitions. Throws the first difference, with the seed that shows it.
    public func check(_ partitions: [[RecordedEvent]], interleavings: Int = 20, seed: UInt64) throws {
        let expected = try tables(after: partitions).contents()
        try compare(expected, try tables(after: partitions.reversed()).contents(), "partitions in reverse order")
        for number in 0..<UInt64(max(0, interleavings)) {
            var random = SeededRandom(seed: seed &+ number)
            let shuffled = try ProjectionTables(projection)
            for event in Self.interleaved(partitions, using: &random) { try shuffled.apply(event) }
            try compare(expected, try shuffled.contents(), "interleaving with seed \(seed &+ number)")
        }
    }

    /// All events in one order that keeps the order of each partition; partitions with more left come sooner.
    public static func interleaved(
        _ partitions: [[RecordedEvent]], using random: inout some RandomNumberGenerator
    ) -> [RecordedEvent] {
        var turns = partitions.enumerated().flatMap { Array(repeating: $0.offset, count: $0.element.count) }
        turns.shuffle(using: &random)
        var next = Array(repeating: 0, count: partitions.count)
        return turns.map { partition in
            defer { next[partition] += 1 }
            return partitions[partition][next[partition]]
        }
    }

    private func compare(
        _ expected: [String: [[SQLValue]]], _ actual: [String: [[SQLValue]]], _ what: String
    ) throws {
        for (table, rows) in expected.sorted(by: { $0.key < $1.key }) {
            let other = actual[table, default: []]
            guard rows != other else { continue }
            let difference = zip(rows, other).first { $0 != $1 }
            let shown = difference.map { "\($0.0) and \($0.1)" } ?? "\(rows.count) and \(other.count) rows"
            throw SpecFailure("\(projection.name).\(table) depends on the order of partitions (\(what)): \(shown)")
        }
    }
}
