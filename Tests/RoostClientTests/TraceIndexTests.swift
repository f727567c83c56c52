import ClientScenario
import Foundation
import RoostClient
import RoostCore
import RoostJSON
import RoostLog
import RoostNode
import RoostTesting
import RoostTrace
import Shop
import Testing

@Suite("The trace index")
struct TraceIndexTests {
    private func scenario(_ body: (ClientScenario) async throws -> Void) async throws {
        let scenario = try ClientScenario()
        do { try await body(scenario) } catch {
            try scenario.remove()
            throw error
        }
        try scenario.remove()
    }

    /// A chain of three events in two partitions, and another one.
    private func record(_ scenario: ClientScenario) async throws {
        try await scenario.record(1, in: "note/1")
        try await scenario.record(2, in: "tag/1", cause: 1, at: 2)
        try await scenario.record(9, in: "note/1", correlation: 77, at: 3)
        try await scenario.record(
            3, in: "note/2", cause: 2, data: #"{"title":"00000000000000000000000000000abc"}"#, at: 4)
    }

    private func ids(_ trace: Trace) -> [UInt128] { trace.events.map(\.eventID.bits) }

    @Test("changes nothing in a trace, however far it has come and whichever log it is of")
    func sameAnswer() async throws {
        try await scenario { scenario in
            try await record(scenario)
            let projections = scenario.directory + "/projections"
            let chain = CorrelationID(bits: 42)
            #expect(ids(try scenario.client.trace(chain)) == [1, 2, 3])
            try IndexedChains.make(of: scenario.log, in: projections, partitions: [PartitionID(2)])
            #expect(ids(try scenario.client.trace(chain)) == [1, 2, 3])
            try IndexedChains.make(of: scenario.log, in: projections, first: 1)
            #expect(ids(try scenario.client.trace(chain)) == [1, 2, 3])
            try IndexedChains.make(of: scenario.log, in: projections)
            #expect(ids(try scenario.client.trace(chain)) == [1, 2, 3])
            #expect(ids(try scenario.client.trace(correlationOrEvent: CorrelationID(bits: 2))) == [1, 2, 3])
            #expect(ids(try scenario.client.trace(event: EventID(bits: 9))) == [9])
            try await scenario.record(4, in: "note/2", cause: 3, at: 5)
            #expect(ids(try scenario.client.trace(chain)) == [1, 2, 3, 4])
        }
    }

    @Test("of a log that was restored is not believed")
    func otherLog() async throws {
        try await scenario { scenario in
            try await record(scenario)
            let other = try ClientScenario()
            for id in 1...6 { try await other.record(UInt128(id + 10), in: "note/\(id % 2 + 1)", correlation: 5) }
            try IndexedChains.make(of: other.log, in: scenario.directory + "/projections")
            try other.remove()
            #expect(ids(try scenario.client.trace(CorrelationID(bits: 42))) == [1, 2, 3])
        }
    }

    @Test("finds the chain of a command, and what it has not come to is found in the log")
    func commands() async throws {
        try await scenario { scenario in
            try await record(scenario)
            #expect(ids(try scenario.client.trace(command: CommandID("c2"))) == [1, 2, 3])
            try IndexedChains.make(of: scenario.log, in: scenario.directory + "/projections", first: 1)
            for command in ["c1", "c2", "c3"] {
                #expect(ids(try scenario.client.trace(command: CommandID(command))) == [1, 2, 3])
            }
        }
    }

    @Test("holds every event once, and the same rows for every order of partitions")
    func interleavings() async throws {
        let log = try await PlantedLog(orders: 9).stored()
        let partitions = log.identity.placement.partitions
        let roots = try [partitions, partitions.reversed(), partitions].enumerated().map { number, order in
            let store = try ProjectionStore(TraceIndex.self, path: nil, logID: log.identity.id, codec: .json)
            var isDone = false
            while !isDone {
                isDone = true
                for partition in order {
                    let limit = number == 2 ? 3 : 10_000
                    let page = try log.reader(partition).events(after: store.progress(partition).position, limit: limit)
                    guard !page.isEmpty else { continue }
                    isDone = false
                    try store.transaction { try store.apply(page, of: partition) }
                }
            }
            let rows = try store.rows(
                "SELECT count(*), (SELECT sum(events) FROM chains WHERE root = ?) FROM events", .text("OrderPlaced"))
            #expect(rows == [[.integer(45), .integer(45)]])
            let root = try store.root()
            try store.close()
            return root
        }
        #expect(roots[0] == roots[1] && roots[0] == roots[2])
    }

    @Test("finds a chain by the trace of whoever asked for it, and by the place of an event")
    func otherNames() async throws {
        try await scenario { scenario in
            let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
            try await scenario.record(1, in: "note/1", traceparent: parent)
            try await scenario.record(2, in: "tag/1", cause: 1, at: 2, traceparent: parent)
            try IndexedChains.make(of: scenario.log, in: scenario.directory + "/projections")
            for name in [parent, "4bf92f3577b34da6a3ce929d0e0e4736", "2:1", "c2", EventID(bits: 2).description] {
                #expect(ids(try scenario.client.trace(named: name)) == [1, 2], "\(name)")
            }
            #expect(ClientScenario.code { _ = try scenario.client.trace(named: "2:7") } == "unknownPlace")
            #expect(ClientScenario.code { _ = try scenario.client.trace(named: "note/1") } == "stream")
            #expect(ClientScenario.code { _ = try scenario.client.trace(named: "other/1") } == "unknownCommand")
        }
    }

    @Test("calls a chain by its earliest event without a cause, whichever is indexed first")
    func roots() async throws {
        try await scenario { scenario in
            try await scenario.record(1, "TagGiven", in: "tag/1", at: 1)
            try await scenario.record(2, in: "note/1", at: 2)
            try await scenario.record(3, "Amended", in: "note/2", at: 3)
            for order in [[2, 0, 1], [0, 1, 2], [1, 2, 0]] as [[UInt32]] {
                let store = try ProjectionStore(
                    TraceIndex.self, path: nil, logID: scenario.log.identity.id, codec: .json)
                for partition in order.map({ PartitionID($0) }) {
                    let page = try scenario.log.reader(partition).events(after: .start, limit: 10)
                    try store.transaction { try store.apply(page, of: partition) }
                }
                let rows = try store.rows("SELECT root, events FROM chains WHERE events > ?", .integer(0))
                #expect(rows == [[.text("TagGiven"), .integer(3)]])
                try store.close()
            }
        }
    }

    // MARK: - What cannot be read

    @Test("A partition that cannot be read hides no event of the others, and is named")
    func unreadable() async throws {
        try await scenario { scenario in
            try await record(scenario)
            let broken = try #require(ClientScenario.placement.partition(of: StreamName("note/1")))
            let trace = try scenario.client(of: HalfReadableLog(whole: scenario.log, broken: broken))
                .trace(CorrelationID(bits: 42))
            let left = try scenario.client.trace(CorrelationID(bits: 42)).events.filter { $0.partition != broken }
            #expect(trace.events.map(\.eventID) == left.map(\.eventID) && !left.isEmpty)
            #expect(!trace.complete && trace.unreadable.map(\.partition) == [broken])
            #expect(trace.findings?.contains { $0.kind == .orphan } == false, "who knows what is in there")
        }
    }

    @Test(
        "A database of observations that is damaged hides nothing of the log, and is named; its process makes it anew")
    func damaged() async throws {
        try await scenario { scenario in
            try await record(scenario)
            let projections = scenario.directory + "/projections"
            try FileManager.default.createDirectory(atPath: projections + "/traces", withIntermediateDirectories: true)
            let path = ObservedStore.path(in: projections)
            try Data(repeating: 7, count: 100_000).write(to: URL(fileURLWithPath: path))
            let trace = try scenario.client.trace(CorrelationID(bits: 42))
            #expect(ids(trace) == [1, 2, 3] && trace.events.allSatisfy { $0.handled == nil })
            #expect(trace.obstacles?.contains { $0.hasPrefix("what was observed cannot be told") } == true)
            let store = try ObservedStore.open(path: path, logID: scenario.log.identity.id)
            try store.close()
            #expect(FileManager.default.fileExists(atPath: projections + "/traces/observed.broken.db"))
            let again = try scenario.client.trace(CorrelationID(bits: 42))
            #expect(again.obstacles == [] && again.events.allSatisfy { $0.handled == [] })
        }
    }

    // MARK: - Nothing

    private func message(_ body: () throws -> Trace) -> String {
        do {
            _ = try body()
            return "a chain"
        } catch { return (error as? ClientError).map { "\($0.code): \($0.message) → \($0.hint ?? "")" } ?? "\(error)" }
    }

    @Test("An ID that finds nothing says why: in data only, a command's, or nowhere in so many events")
    func nothing() async throws {
        try await scenario { scenario in
            try await record(scenario)
            let inData = message { try scenario.client.trace(correlationOrEvent: CorrelationID(bits: 0xabc)) }
            #expect(inData.contains("inDataOnly") && inData.contains("NoteWritten note/2 #1"), "\(inData)")
            let unknown = message { try scenario.client.trace(correlationOrEvent: CorrelationID(bits: 0xdef)) }
            #expect(unknown.contains("looked through all 4 events"), "\(unknown)")
            let command = message { try scenario.client.trace(command: CommandID("c99")) }
            #expect(command.contains("unknownCommand") && command.contains("c99"), "\(command)")
        }
    }

    @Test("A chain of which every command was refused says which, and why")
    func refused() async throws {
        try await scenario { scenario in
            try FileManager.default.createDirectory(
                atPath: scenario.directory + "/projections/traces", withIntermediateDirectories: true)
            let store = try ObservedStore(
                path: ObservedStore.path(in: scenario.directory + "/projections"), logID: scenario.log.identity.id)
            let rejected = RejectedCommand(
                at: Timestamp(seconds: 5), partition: PartitionID(0), stream: "note/1", command: "WriteNote",
                commandID: "c7", correlationID: CorrelationID(bits: 7), causationID: nil, code: "rejected",
                reason: "a note needs a title")
            try store.store([
                SpanReport(
                    logID: scenario.log.identity.id, process: "notes-0", incarnation: Incarnation(bits: 1), number: 1,
                    dropped: 0, spans: [], rejected: [rejected])
            ])
            try store.close()
            for text in [
                message { try scenario.client.trace(CorrelationID(bits: 7)) },
                message { try scenario.client.trace(command: CommandID("c7")) },
            ] {
                #expect(text.contains("WriteNote to note/1 was refused"), "\(text)")
                #expect(text.contains("a note needs a title"), "\(text)")
            }
        }
    }

    @Test("The data of events is in a trace only when somebody asks for it")
    func data() async throws {
        try await scenario { scenario in
            try await record(scenario)
            #expect(try scenario.client.trace(CorrelationID(bits: 77)).events[0].data == nil)
            let asked = try scenario.client.trace(CorrelationID(bits: 77), withData: true)
            #expect(asked.events[0].data?.compact == #"{"title":"milk"}"#)
            #expect(TraceText(asked).text.contains(#"{"title":"milk"}"#))
        }
    }
}
