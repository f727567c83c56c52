import ClientScenario
import RoostClient
import RoostCore
import Testing

@Suite("Checking what is stored against what can be read")
struct SchemaTests {
    @Test("Lists every stored kind, and finds the one that cannot be read by its event")
    func stranded() async throws {
        let scenario = try ClientScenario()
        defer { #expect(throws: Never.self) { try scenario.remove() } }
        try await scenario.record(1, in: "note/1")
        let clean = try scenario.client.checkSchema(every: false) { _ in }
        #expect(clean.ok && clean.kinds.map(\.readAs) == [["NoteWritten version 1"]] && clean.deadRoutes.isEmpty)
        let lost = try await scenario.record(2, "NoteBurnt", in: "note/1")
        let found = try scenario.client.checkSchema(every: false) { _ in }
        #expect(!found.ok && found.kinds.map(\.count) == [1, 1])
        let kind = try #require(found.kinds.first { $0.type == "NoteBurnt" })
        #expect(kind.eventID == lost && kind.problem?.contains("does not know") == true, "\(kind)")
    }

    @Test("With every event finds a damaged payload that the first of its kind does not show")
    func everyEvent() async throws {
        let scenario = try ClientScenario()
        defer { #expect(throws: Never.self) { try scenario.remove() } }
        try await scenario.record(1, in: "note/1")
        let broken = try await scenario.record(2, in: "note/1", data: #"{"heading":"milk"}"#)
        #expect(try scenario.client.checkSchema(every: false) { _ in }.ok)
        let found = try scenario.client.checkSchema(every: true) { _ in }
        #expect(!found.ok && found.kinds.map(\.tried) == [2] && found.kinds.first?.eventID == broken)
    }
}
