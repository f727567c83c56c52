import ClientScenario
import InMemoryLogging
import InMemoryTracing
import Logging
import RoostCore
import RoostTrace
import Testing
import Tracing

@Suite("The gateway in a traced program", .timeLimit(.minutes(1))) struct TracingTests {
    private static let incoming = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    private static func post(_ body: String = writeNote, port: Int) async throws -> HTTPConnection.Answer {
        try await RoostWebTests.post(
            body, headers: ["Authorization: Bearer \(token)", "traceparent: \(incoming)"], port: port)
    }

    @Test("A request is a span in the trace that its headers name, and its command carries that span")
    func requestSpan() async throws {
        let tracer = W3CTracer()
        try await withTracer(tracer) {
            try await withGateway([.accepted, .unavailable]) { scenario, port in
                var statuses = [try await Self.post(port: port).status, try await Self.post(port: port).status]
                statuses.append(try await HTTPConnection.get("/api/v1/events/\(EventID(bits: 1))", port: port).status)
                #expect(statuses == [200, 503, 200])
                let sent = scenario.sender.requests.compactMap { $0.traceparent.flatMap { TraceParent($0) } }
                let spans = tracer.recorded.finishedSpans
                #expect(sent.map(\.spanID) == spans.prefix(2).map(\.spanID) && sent.count == 2)
            }
        }
        let spans = tracer.recorded.finishedSpans
        try #require(spans.count == 3)
        #expect(spans.map(\.operationName) == ["POST /api/v1/commands", "POST /api/v1/commands", "GET /api/v1/events"])
        #expect(spans.prefix(2).allSatisfy { $0.traceID == "0af7651916cd43dd8448eb211c80319c" && $0.kind == .server })
        #expect(spans.map(\.parentSpanID) == ["b7ad6b7169203331", "b7ad6b7169203331", nil])
        #expect(spans.map { $0.status?.code == .error } == [false, true, false])
        #expect(spans[1].attributes["http.response.status_code"]?.toSpanAttribute() == .int64(503))
    }

    @Test("What the gateway logs about a command names its chain")
    func correlation() async throws {
        let lines = InMemoryLogHandler()
        let chain = CorrelationID(bits: 0x0190_b7a0_0000_7000_8000_0000_0000_0001)
        let body = #"{"command":"WriteNote","to":"note/1","data":{"title":"milk"},"correlationID":"\#(chain)"}"#
        try await withGateway([.unknown, .accepted], log: lines) { _, port in
            let statuses = [try await Self.post(body, port: port).status, try await Self.post(body, port: port).status]
            #expect(statuses == [504, 200])
        }
        #expect(lines.entries.map(\.message) == ["nobody knows whether a command was carried out"])
        #expect(lines.entries.map { $0.metadata["correlation"] } == ["\(chain)"])
    }
}
