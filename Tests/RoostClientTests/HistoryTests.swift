import ClientScenario
import RoostClient
import RoostCore
import RoostJSON
import Testing

@Suite("States and histories of streams") struct HistoryTests {
    private let note: StreamName

    init() throws { note = try StreamName("note/1") }

    /// Three titles, recorded at 10, 20 and 30 s; the last one occurred at 15 s. The second was caused by the first.
    private func scenario() async throws -> ClientScenario {
        let scenario = try ClientScenario()
        try await scenario.record(1, in: "note/1", data: #"{"title":"milk"}"#, at: 10)
        try await scenario.record(2, in: "note/1", cause: 1, data: #"{"title":"bread"}"#, at: 20)
        try await scenario.record(
            3, in: "note/1", correlation: 43, cause: 99, data: #"{"title":"eggs"}"#, at: 30, occurred: 15)
        return scenario
    }

    private func title(_ scenario: ClientScenario, _ moment: Moment) throws -> String? {
        try scenario.client.state(of: note, at: moment).state["title"]?.string
    }

    @Test("A state is the fold of the stream up to a version or a recorded time, the very moment included")
    func states() async throws {
        let scenario = try await scenario()
        defer { #expect(throws: Never.self) { try scenario.remove() } }
        #expect(try title(scenario, .newest) == "eggs")
        #expect(try title(scenario, .version(StreamVersion(2))) == "bread")
        #expect(try title(scenario, .recorded(Timestamp(seconds: 20))) == "bread")
        #expect(try title(scenario, .recorded(Timestamp(nanoseconds: 19_999_999_999))) == "milk")
        let newest = try scenario.client.state(of: note, at: .newest)
        #expect(newest.version == StreamVersion(3) && newest.newestVersion == StreamVersion(3) && newest.events == 3)
        #expect(newest.state["edits"]?["titles"] == ["milk", "bread", "eggs"])
        #expect(newest.outOfOrder == nil)
    }

    @Test("By occurred time later records count, in version order, and what was out of order is said")
    func occurred() async throws {
        let scenario = try await scenario()
        defer { #expect(throws: Never.self) { try scenario.remove() } }
        let early = try scenario.client.state(of: note, at: .occurred(Timestamp(seconds: 16)))
        #expect(early.state["edits"]?["titles"] == ["milk", "eggs"])
        #expect(early.version == StreamVersion(3) && early.events == 2 && early.outOfOrder == 1)
        #expect(try scenario.client.state(of: note, at: .occurred(Timestamp(seconds: 12))).outOfOrder == 0)
    }

    @Test("A time to come, one before the first event, a missing version and an unknown stream are refused by name")
    func refused() async throws {
        let scenario = try await scenario()
        defer { #expect(throws: Never.self) { try scenario.remove() } }
        let client = scenario.client
        #expect(
            ClientScenario.code { _ = try title(scenario, .recorded(client.now() + .seconds(1))) } == "timeInFuture")
        #expect(
            ClientScenario.code { _ = try title(scenario, .occurred(client.now() + .seconds(1))) } == "timeInFuture")
        #expect(ClientScenario.code { _ = try title(scenario, .recorded(Timestamp(seconds: 9))) } == "noSuchMoment")
        #expect(ClientScenario.code { _ = try title(scenario, .version(StreamVersion(4))) } == "noSuchMoment")
        let absent = try StreamName("note/absent")
        #expect(ClientScenario.code { _ = try client.state(of: absent, at: .newest) } == "unknownStream")
        #expect(ClientScenario.code { _ = try client.history(of: absent, limit: 10) } == "unknownStream")
        let foreign = try StreamName("nota/1")
        #expect(ClientScenario.code { _ = try client.state(of: foreign, at: .newest) } == "unknownCategory")
        let times = (Timestamp(seconds: 20), Timestamp(seconds: 10))
        #expect(ClientScenario.code { _ = try client.changes(of: note, from: times.0, to: times.1) } == "timesReversed")
    }

    @Test("Between two times exactly the fields that differ are named, also from before the first event")
    func difference() async throws {
        let scenario = try await scenario()
        defer { #expect(throws: Never.self) { try scenario.remove() } }
        let later = try scenario.client.changes(of: note, from: Timestamp(seconds: 10), to: Timestamp(seconds: 29))
        #expect(later.from.version == StreamVersion(1) && later.to.version == StreamVersion(2))
        #expect(later.changes.map(\.field) == ["title", "edits.count", "edits.titles"])
        #expect(later.changes[0].before == "milk" && later.changes[0].after == "bread")
        let first = try scenario.client.changes(of: note, from: Timestamp(seconds: 1), to: Timestamp(seconds: 10))
        #expect(first.from.version == .none)
        #expect(first.changes.first { $0.field == "title" }?.before == JSONValue.null)
        let same = try scenario.client.changes(of: note, from: Timestamp(seconds: 21), to: Timestamp(seconds: 22))
        #expect(same.changes.isEmpty)
    }

    @Test("A history names each event with its time, its cause and the fields it changed")
    func history() async throws {
        let scenario = try await scenario()
        defer { #expect(throws: Never.self) { try scenario.remove() } }
        let history = try scenario.client.history(of: note, limit: 10)
        #expect(history.entries.map(\.version) == [StreamVersion(1), StreamVersion(2), StreamVersion(3)])
        #expect(history.entries[0].cause == nil)
        #expect(
            history.entries[1].cause?.type == "NoteWritten" && history.entries[1].cause?.version == StreamVersion(1))
        // Caused by an event that is not there: its ID is all that can be said.
        #expect(history.entries[2].cause?.eventID == EventID(bits: 99) && history.entries[2].cause?.type == nil)
        #expect(history.entries[1].changes.map(\.field) == ["title", "edits.count", "edits.titles"])
        #expect(history.entries[0].process?.hasPrefix("notes-") == true)
    }

    @Test("A history can begin later, end earlier, and be about one field")
    func selectedHistory() async throws {
        let scenario = try await scenario()
        defer { #expect(throws: Never.self) { try scenario.remove() } }
        try await scenario.record(4, in: "note/1", data: #"{"title":"eggs"}"#, at: 40)
        let client = scenario.client
        let versions = { (history: HistoryDocument) in history.entries.map(\.version.description) }
        let late = try client.history(of: note, from: StreamVersion(3), limit: 10)
        #expect(versions(late) == ["3", "4"])
        #expect(late.entries[0].changes.first?.before == "bread")
        let short = try client.history(of: note, limit: 2)
        #expect(versions(short) == ["1", "2"] && short.nextVersion == StreamVersion(3))
        #expect(late.nextVersion == nil)
        #expect(try client.history(of: note, limit: 4).nextVersion == nil)
        let titles = try client.history(of: note, limit: 10, field: "title")
        #expect(versions(titles) == ["1", "2", "3"])
        #expect(titles.entries.flatMap(\.changes).allSatisfy { $0.field == "title" })
        #expect(try versions(client.history(of: note, limit: 10, field: "edits")) == ["1", "2", "3", "4"])
        #expect(try versions(client.history(of: note, limit: 10, field: "edits.titles[1]")) == ["2"])
        for field in ["edit", "title.x", "edits.titles[9]", "edits.titles.x"] {
            let found = ClientScenario.code { _ = try client.history(of: note, limit: 10, field: field) }
            #expect(found == "unknownField", "\(field)")
        }
        #expect(
            ClientScenario.code { _ = try client.history(of: note, from: StreamVersion(5), limit: 10) }
                == "noSuchMoment")
    }
}
