import ClientScenario
import RoostClient
import RoostCore
import RoostNode
import RoostTrace
import Testing

@Suite struct ReadingTests {
    @Test("A query answers rows together with the positions they rest on")
    func query() async throws {
        let scenario = try ClientScenario()
        defer { #expect(throws: Never.self) { try scenario.remove() } }
        try await scenario.record(1, in: "note/1")
        try scenario.project()
        let named = try scenario.client.query("titles", ["find", "title=milk"])
        #expect(named.columns == ["stream", "title"])
        #expect(named.rows == [[.text("note/1"), .text("milk")]])
        #expect(named.asOf.contains { $0.position == Position(1) })
        let short = try scenario.client.query("titles", ["milk"])
        #expect(short.rows == named.rows)
        let text = String(
            decoding: try DocumentText.line(try scenario.client.query("titles", ["count"])), as: UTF8.self)
        #expect(text.contains(#""rows":[{"notes":1,"missing":null}]"#))
    }

    @Test("A query that cannot be meant says what can")
    func unknownQueries() throws {
        let scenario = try ClientScenario()
        defer { #expect(throws: Never.self) { try scenario.remove() } }
        let code = { (projection: String, arguments: [String]) -> String? in
            do {
                _ = try scenario.client.query(projection, arguments)
                return nil
            } catch {
                return (error as? ClientError)?.code
            }
        }
        #expect(code("titels", []) == "unknownProjection")
        #expect(code("titles", ["find"]) == "parameterMissing")
        #expect(code("titles", ["count", "sum"]) == "unknownQuery")
        #expect(code("titles", ["find", "milk", "order=1"]) == "unknownParameter")
        #expect(code("titles", ["find", "milk"]) == "projectionAbsent")
    }

    @Test("Every event of a partition is applied, filtered or pending, and filtered comes from the log's counts")
    func balance() async throws {
        let scenario = try ClientScenario()
        defer { #expect(throws: Never.self) { try scenario.remove() } }
        try await scenario.record(1, in: "note/1")
        try await scenario.record(2, "NoteBurnt", in: "note/1")
        try scenario.project()
        try await scenario.record(3, in: "note/1")
        let reader = try #require(try scenario.client.projections().projections.first)
        let partition = try #require(reader.partitions.first { $0.head > 0 })
        #expect(
            [partition.head, partition.applied, partition.filtered, partition.pending] == [3, 1, 1, 1])
        #expect(reader.balanced && reader.state == "catchingUp")
    }

    @Test("The last trace is that of the newest root, not of the newest follow-up")
    func lastTrace() async throws {
        let scenario = try ClientScenario()
        defer { #expect(throws: Never.self) { try scenario.remove() } }
        try await scenario.record(1, in: "note/1", correlation: 10, at: 1)
        try await scenario.record(2, in: "note/2", correlation: 11, at: 2)
        try await scenario.record(3, "Tagged", in: "tag/1", correlation: 10, cause: 1, at: 3)
        try scenario.project()
        #expect(try scenario.client.lastTrace().correlationID == CorrelationID(bits: 11))
        let older = try scenario.client.trace(event: EventID(bits: 3))
        #expect(older.complete && older.events.map(\.type) == ["NoteWritten", "Tagged"])
        #expect(older.processes.contains("titles") && older.processes.count == 3)
    }

    @Test("Caught up means that every reader is at the heads, and says who is not")
    func stragglers() async throws {
        let scenario = try ClientScenario()
        defer { #expect(throws: Never.self) { try scenario.remove() } }
        try await scenario.record(1, in: "note/1")
        let behind = try #require(try scenario.client.lookForStragglers())
        #expect(behind.map(\.reader) == ["titles"])
        await #expect(throws: ClientError.self) {
            try await scenario.client.waitUntilCaughtUp(timeout: .milliseconds(1))
        }
        try scenario.project()
        #expect(try scenario.client.lookForStragglers()?.isEmpty == true)
    }

    @Test("Events are found by ID, by stream and at the end of the log")
    func events() async throws {
        let scenario = try ClientScenario()
        defer { #expect(throws: Never.self) { try scenario.remove() } }
        for index in 1...5 {
            try await scenario.record(UInt128(index), in: "note/\(index % 2)", at: Int64(index))
        }
        #expect(try scenario.client.event(EventID(bits: 4)).event.eventID == EventID(bits: 4))
        #expect(try scenario.client.tail(limit: 3).events.map(\.event.eventID.bits) == [3, 4, 5])
        let stream = try scenario.client.events(of: try StreamName("note/1"), from: StreamVersion(2), limit: 10)
        #expect(stream.map(\.event.eventID.bits) == [3, 5])
        #expect(throws: ClientError.self) { try scenario.client.event(EventID(bits: 9)) }
        #expect(throws: ClientError.self) {
            try scenario.client.events(of: try StreamName("nope/1"), from: StreamVersion(1), limit: 1)
        }
    }
}
