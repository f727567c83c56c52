import ClientScenario
import RoostCore
import Testing

@Suite("traceparent at the gateway", .timeLimit(.minutes(1))) struct TraceParentTests {
    private static let incoming = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    /// Stored by the events below.
    private static let chain = CorrelationID(bits: 0x0190_b7a0_0000_7000_8000_0000_0000_0001)

    /// The sender of these tests answers that the seventh event was stored, so there are seven.
    private static func record(_ scenario: ClientScenario) async throws {
        for number in 2...7 {
            try await scenario.record(
                UInt128(number) << 64 | 0xa0 + UInt128(number), in: "note/1", correlation: chain.bits)
        }
    }

    private static func post(_ traceparent: String?, port: Int) async throws -> HTTPConnection.Answer {
        let header = traceparent.map { ["traceparent: \($0)"] } ?? []
        return try await RoostWebTests.post(writeNote, headers: ["Authorization: Bearer \(token)"] + header, port: port)
    }

    @Test("An answer names the span of the stored event, in the trace of the chain")
    func answers() async throws {
        try await withGateway { scenario, port in
            try await Self.record(scenario)
            let traced = try await Self.post(Self.incoming, port: port)
            #expect(traced.header("traceparent") == "00-0190b7a0000070008000000000000001-00000000000000a7-01")
            let untraced = try await Self.post(nil, port: port)
            #expect(untraced.header("traceparent") == "00-0190b7a0000070008000000000000001-00000000000000a7-01")
            #expect(scenario.sender.requests.map(\.traceparent) == [Self.incoming, nil])
        }
    }

    @Test("A header that breaks the rules is ignored, and one of a newer version is read as this one")
    func rules() async throws {
        try await withGateway { scenario, port in
            try await Self.record(scenario)
            let invalid = Self.incoming.replacing("00-", with: "ff-", maxReplacements: 1)
            let answer = try await Self.post(invalid, port: port)
            #expect(answer.status == 200)
            #expect(answer.header("traceparent") == "00-0190b7a0000070008000000000000001-00000000000000a7-01")
            let newer = Self.incoming.replacing("00-", with: "01-", maxReplacements: 1) + "-more"
            #expect(try await Self.post(newer, port: port).status == 200)
            #expect(scenario.sender.requests.map(\.traceparent) == [nil, Self.incoming])
        }
    }

    @Test("A command that stores nothing gets its own traceparent back, or none")
    func nothingStored() async throws {
        try await withGateway([.rejected, .rejected, .unknown]) { _, port in
            var headers: [String?] = []
            for traceparent in [Self.incoming, nil, nil] {
                headers.append(try await Self.post(traceparent, port: port).header("traceparent"))
            }
            #expect(headers == [Self.incoming, nil, nil])
        }
    }
}
