import Roost
import RoostTesting
import Shop
import Testing

@Suite("What ProjectionSpec finds")
struct ProjectionSpecTests {
    /// Whoever arrives last wins: wrong across partitions.
    private enum LastArrival: Projection {
        static let name = "last-arrival"
        static let tables = [
            TableDefinition(
                "last", key: ["id"], sql: "CREATE TABLE last(id INTEGER PRIMARY KEY, stream TEXT NOT NULL)")
        ]
        static let routes: [ProjectionRoute] = [
            .on(OrderPlaced.type) { event, tables in
                try tables.run("INSERT OR REPLACE INTO last VALUES(1, ?)", SQLValue(event.stream.description))
            }
        ]
        static let queries: [ProjectionQuery] = []
    }

    /// Changes its content without telling the full text.
    private enum StaleWords: Projection {
        static let name = "stale-words"
        static let tables = [
            TableDefinition("content", key: ["id"], sql: "CREATE TABLE content(id INTEGER PRIMARY KEY, body TEXT)"),
            TableDefinition(
                fullText: "words",
                sql: "CREATE VIRTUAL TABLE words USING fts5(body, content = 'content', content_rowid = 'id')"),
        ]
        static let routes: [ProjectionRoute] = [
            .on(OrderPlaced.type) { _, tables in try tables.run("INSERT INTO content VALUES(1, 'placed')") }
        ]
        static let queries: [ProjectionQuery] = []
    }

    @Test("Tables that depend on the order between partitions are reported")
    func orderDependence() throws {
        let run = Sample.run()
        for number in 0..<20 { try run.send(Sample.placeOrder(), to: StreamName("order/\(number)")) }
        let failure = #expect(throws: SpecFailure.self) {
            try ProjectionSpec(LastArrival.self).check(run.partitions, seed: 1)
        }
        #expect(failure?.description.contains("last-arrival.last depends on the order") == true)
    }

    @Test("A full text that does not agree with its content is reported")
    func staleFullText() throws {
        let run = Sample.run()
        try run.send(Sample.placeOrder(), to: StreamName("order/1"))
        let tables = try ProjectionSpec(StaleWords.self).tables(after: run.partitions)
        #expect(throws: TableError.self) { try tables.contents() }
    }

    @Test("An interleaving keeps the order of each partition and loses nothing")
    func interleaving() throws {
        let run = Sample.run()
        for number in 0..<20 { try run.send(Sample.placeOrder(), to: StreamName("order/\(number)")) }
        var random = SeededRandom(seed: 5)
        let mixed = ProjectionSpec.interleaved(run.partitions, using: &random)
        #expect(mixed.count == run.events.count)
        #expect(mixed.map(\.eventID) != run.partitions.joined().map(\.eventID))
        for partition in run.partitions {
            let own = Set(partition.map(\.eventID))
            #expect(mixed.filter { own.contains($0.eventID) }.map(\.eventID) == partition.map(\.eventID))
        }
    }
}
