import ClientScenario
import RoostClient
import RoostCore
import Testing

@Suite("Read your writes") struct ReadTokenTests {
    @Test("A token is a partition and a position, several of them keep the newest of each partition")
    func text() {
        #expect(ReadToken("0:487")?.positions == [PartitionID(0): Position(487)])
        #expect(ReadToken("6:2,0:487,6:12,6:9")?.description == "0:487,6:12")
        for wrong in ["", "0", "0:", ":1", "0:0", "0:-1", "0:1,", "a:1", "0:1:2", "4294967296:1"] {
            #expect(ReadToken(wrong) == nil, "\(wrong)")
        }
    }

    @Test("What is accepted has the token of its last event, what is refused has none")
    func sent() async throws {
        let scenario = try ClientScenario([.accepted, .rejected])
        defer { #expect(throws: Never.self) { try scenario.remove() } }
        let command = OutsideCommand("WriteNote", to: try StreamName("note/1"), data: Bytes(#"{"title":"ham"}"#))
        let accepted = await scenario.client.send(command).document
        #expect(accepted.token == accepted.partition.map { "\($0):7" })
        #expect(await scenario.client.send(command).document.token == nil)
    }

    @Test("An answer waits until its projection has passed the token, and says where it stands when it does not")
    func waiting() async throws {
        let scenario = try ClientScenario()
        defer { #expect(throws: Never.self) { try scenario.remove() } }
        try await scenario.record(1, in: "note/1")
        let partition = try #require(ClientScenario.placement.partition(of: try StreamName("note/1")))
        let token = ReadToken(partition, Position(1))
        let wait = { (token: ReadToken, timeout: Duration) in
            try await scenario.client.wait(for: "titles", after: token, timeout: timeout)
        }
        #expect(await ClientScenario.code { try await wait(token, .zero) } == "notApplied")
        try scenario.project()
        #expect(await ClientScenario.code { try await wait(token, .zero) } == nil)
        // A projection that is not there yet when the waiting begins.
        try await scenario.record(2, in: "note/1")
        async let waiting: Void = wait(ReadToken(partition, Position(2)), .seconds(30))
        try scenario.project()
        try await waiting
    }

    @Test("A token that names what the log does not have is refused at once: it is of another log, or of a later state")
    func foreign() async throws {
        let scenario = try ClientScenario()
        defer { #expect(throws: Never.self) { try scenario.remove() } }
        try await scenario.record(1, in: "note/1")
        for text in ["0:99", "77:1"] {
            let token = try #require(ReadToken(text))
            let found = await ClientScenario.code {
                try await scenario.client.wait(for: "titles", after: token, timeout: .seconds(60))
            }
            #expect(found == "foreignToken", "\(text)")
        }
    }
}
