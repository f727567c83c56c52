import ClientScenario
import RoostClient
import RoostCore
import RoostJSON
import Testing

@Suite struct SendingTests {
    @Test("A conflict shows what happened since the expected version")
    func conflict() async throws {
        let scenario = try ClientScenario([.conflict])
        defer { #expect(throws: Never.self) { try scenario.remove() } }
        for (number, title) in ["milk", "bread", "eggs"].enumerated() {
            try await scenario.record(UInt128(number + 1), in: "note/1", data: #"{"title":"\#(title)"}"#)
        }
        let command = OutsideCommand(
            "WriteNote", to: try StreamName("note/1"), data: Bytes(#"{"title":"ham"}"#),
            expected: .exactly(StreamVersion(1)))
        let sent = await scenario.client.send(command)
        #expect(sent.outcome == .conflict)
        #expect(sent.document.between?.map(\.version) == [StreamVersion(2), StreamVersion(3)])
        #expect(sent.document.between?.first?.changes.first?.after == "bread")
        #expect(sent.document.token == nil)
    }

    @Test("Outcomes have the exit codes and HTTP statuses of the contract")
    func outcomes() {
        let exits = CommandOutcome.allCases.map(\.exitCode)
        #expect(exits == [0, 2, 2, 1, 1, 1, 1])
        #expect(CommandOutcome.allCases.map(\.httpStatus) == [200, 422, 409, 429, 503, 504, 503])
    }

    @Test("What no process could understand is refused before it is sent, with what was probably meant")
    func refusals() async throws {
        let scenario = try ClientScenario()
        defer { #expect(throws: Never.self) { try scenario.remove() } }
        let send = { (command: String, stream: String, data: Bytes) async throws -> SentDocument in
            await scenario.client.send(OutsideCommand(command, to: try StreamName(stream), data: data)).document
        }
        let command = try await send("WriteNotes", "note/1", Bytes("{}"))
        #expect(command.outcome == "rejected" && command.code == "unknownCommand")
        #expect(command.reason?.contains("did you mean 'WriteNote'?") == true)
        #expect(try await send("WriteNote", "notes/1", Bytes("{}")).code == "unknownCategory")
        let field = try await send("WriteNote", "note/1", Bytes(#"{"title":"milk","titl":"bread"}"#))
        #expect(field.code == "unknownKey" && field.next == "fields there are: title")
        #expect(field.reason == "'WriteNote' has no field 'titl'; did you mean 'title'?")
        let large = Bytes([UInt8](repeating: 0x20, count: (1 << 20) + 1))
        #expect(try await send("WriteNote", "note/1", large).code == "payloadTooLarge")
        #expect(scenario.sender.requests.isEmpty)
    }

    @Test("Malformed JSON is a usage error with its place, and never repeats the data")
    func malformed() throws {
        do {
            _ = try DocumentText.canonical(Array(#"{"title": secret}"#.utf8), what: "the data")
            Issue.record("accepted")
        } catch let error as ClientError {
            #expect(error.exitCode == 64 && error.httpStatus == 400)
            #expect(error.message.contains("line 1, column 11"))
            #expect(!error.message.contains("secret"))
        }
    }
}
