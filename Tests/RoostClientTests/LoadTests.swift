import ClientScenario
import Foundation
import RoostClient
import RoostCore
import RoostNode
import Testing

@Suite struct LoadTests {
    private func command(_ number: Int, in stream: String, rows: Int = 1) throws -> ImportItem {
        .command(
            ImportedCommand(
                command: "WriteNote", stream: try StreamName(stream), data: Bytes(#"{"title":"x"}"#),
                commandID: try CommandID("load-\(number)"), occurred: nil, rows: rows))
    }

    @Test("Counts are rows, and read = accepted + rejected + skipped + unsettled")
    func counts() async throws {
        let scenario = try ClientScenario([.accepted, .rejected])
        defer { #expect(throws: Never.self) { try scenario.remove() } }
        let items: [ImportItem] = [
            try command(1, in: "note/1", rows: 3), try command(2, in: "note/2", rows: 2),
            .skipped(reason: "creditNote", rows: 4), .invalid(line: 9, reason: "no number", rows: 1),
            try command(3, in: "nope/1"),
        ]
        let document = await Loader(scenario.client).run(items)
        #expect(document.read == 11 && document.accepted == 3 && document.rejected == 4 && document.skipped == 4)
        #expect(
            document.reasons == ["creditNote": 4, "malformed": 1, "scripted": 2, "unknownCategory": 1])
    }

    @Test("What may not have happened is sent again with the same ID until it is settled")
    func retries() async throws {
        let scenario = try ClientScenario([.overloaded, .unknown, .unavailable, .accepted])
        defer { #expect(throws: Never.self) { try scenario.remove() } }
        let document = await Loader(scenario.client).run([try command(1, in: "note/1")])
        #expect(document.accepted == 1 && document.unsettled == 0 && document.retries == 3)
        #expect(Set(scenario.sender.requests.map(\.commandID.description)) == ["load-1"])
    }

    @Test("What stays open is unsettled, never rejected")
    func unsettled() async throws {
        let scenario = try ClientScenario(Array(repeating: .unknown, count: 100))
        defer { #expect(throws: Never.self) { try scenario.remove() } }
        var configuration = Loader.Configuration()
        configuration.settleWithin = .zero
        let document = await Loader(scenario.client, configuration).run([try command(1, in: "note/1", rows: 5)])
        #expect(document.unsettled == 5 && document.rejected == 0 && document.reasons == ["unknown": 5])
    }

    @Test("A stream never has two commands in flight, so its order is kept even by retries")
    func order() async throws {
        let scenario = try ClientScenario([.overloaded, .accepted, .overloaded])
        defer { #expect(throws: Never.self) { try scenario.remove() } }
        let items = try (0..<20).map { try command($0, in: "note/\($0 % 2)") }
        let document = await Loader(scenario.client).run(items)
        #expect(document.accepted == 20)
        for stream in ["note/0", "note/1"] {
            var sent: [String] = []
            for request in scenario.sender.requests where request.stream.description == stream {
                let id = request.commandID.description
                if sent.last != id { sent.append(id) }
            }
            #expect(sent.count == 10 && Set(sent).count == 10)
        }
    }

    @Test("Lines of JSON become commands; a line without an ID has the same one at every load")
    func lines() throws {
        let path = NSTemporaryDirectory() + "roost-lines-\(UUID().uuidString).ndjson"
        let text = """
            {"command":"WriteNote","to":"note/1","data":{"title":"a"}}

            {"command":"WriteNote","to":"note/1","data":{"title":"a"}}
            {"command":"WriteNote","to":"note/2","commandID":"mine","occurredAt":"2010-12-01T08:26:00Z"}
            {"command":"WriteNote","to":"no slash"}
            {"command":
            """
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        defer { #expect(throws: Never.self) { try FileManager.default.removeItem(atPath: path) } }
        let read = { () throws -> [ImportItem] in
            Array(CommandLines(file: try #require(FileHandle(forReadingAtPath: path))))
        }
        let items = try read()
        let ids = items.compactMap { item -> String? in
            if case .command(let command) = item { command.commandID.description } else { nil }
        }
        #expect(ids.count == 3 && Set(ids).count == 3 && ids.last == "mine")
        let again = try read().compactMap { item -> String? in
            if case .command(let command) = item { command.commandID.description } else { nil }
        }
        #expect(again == ids)
        let invalid = items.compactMap { item -> Int? in
            if case .invalid(let line, _, _) = item { line } else { nil }
        }
        #expect(invalid == [5, 6])
    }
}
