import ClientScenario
import Foundation
import OtherPrograms
import RoostClient
import RoostCore
import RoostTrace
import Testing

@Suite("Exports of a chain")
struct ExportTests {
    private struct Found: Decodable {
        struct Span: Decodable {
            let service, name, trace, span, parent: String
            let links: [String]
            let start, end: UInt64
        }
        let spans: [Span]
        let nodes: Int
        let edges: [[String]]
    }

    static func trace() async throws -> Trace {
        let log = try PlantedLog(orders: 3)
        return try await log.client().trace(log.events[0].correlation)
    }

    @Test("OTLP and DOT are read whole by the libraries of these formats", .timeLimit(.minutes(1)))
    func otherReaders() async throws {
        let trace = try await Self.trace()
        let directory = NSTemporaryDirectory() + "roost-exports-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { #expect(throws: Never.self) { try FileManager.default.removeItem(atPath: directory) } }
        let (otlp, dot) = ("\(directory)/otlp.json", "\(directory)/chain.dot")
        try Data(DocumentText.line(OTLPTraces([trace], cluster: "shop"))).write(to: URL(fileURLWithPath: otlp))
        try Data(TraceDrawing(trace).dot.utf8).write(to: URL(fileURLWithPath: dot))
        let found = try JSONDecoder().decode(Found.self, from: PythonScript.run("read_exports.py", otlp, dot))
        #expect(found.spans.count == trace.events.count && trace.events.count == 5)
        let correlation = trace.correlationID.description.replacing("-", with: "")
        #expect(found.spans.allSatisfy { $0.trace == correlation && $0.start <= $0.end })
        #expect(Set(found.spans.map(\.span)).count == found.spans.count)
        let names = Dictionary(uniqueKeysWithValues: found.spans.map { ($0.span, $0.name) })
        for span in found.spans {
            let cause = trace.events.first { $0.type == span.name }?.causationID
            let causeType = trace.events.first { $0.eventID == cause }?.type
            #expect(names[span.parent] == causeType && span.links == (span.parent.isEmpty ? [] : [span.parent]))
        }
        #expect(found.nodes == trace.events.count)
        #expect(
            Set(found.edges)
                == Set(
                    trace.events.compactMap { event in
                        event.causationID.map { [$0.description, event.eventID.description] }
                    }))
    }

    @Test("A Mermaid sequence diagram has a message for each event, in order, between declared participants")
    func mermaid() async throws {
        let trace = try await Self.trace()
        let lines = TraceDrawing(trace).mermaid.split(separator: "\n")
        #expect(lines.first == "sequenceDiagram")
        let declared = lines.compactMap { $0.firstMatch(of: /^    participant (p\d+) as [^;#:]+$/)?.output.1 }
        let messages = lines.compactMap { $0.firstMatch(of: /^    (p\d+)->>(p\d+): (\w+) [^;#:]+$/)?.output }
        #expect(messages.map { String($0.3) } == trace.events.map(\.type))
        #expect(messages.allSatisfy { declared.contains($0.1) && declared.contains($0.2) })
        #expect(lines.count == 1 + declared.count + messages.count)
    }

    @Test("What was exported as JSON is the same trace when it is read back")
    func readBack() async throws {
        let trace = try await Self.trace()
        let bytes = try DocumentText.pretty(trace)
        let again = try DocumentText.parse(Trace.self, bytes, what: "file")
        #expect(try DocumentText.pretty(again) == bytes)
        #expect(TraceText(again).text == TraceText(trace).text)
    }

    @Test("The first event of a chain links to the trace of whoever asked for it")
    func asked() async throws {
        let scenario = try ClientScenario()
        let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        try await scenario.record(1, in: "note/1", traceparent: parent)
        try await scenario.record(2, in: "note/2", cause: 1, at: 2, traceparent: parent)
        let trace = try scenario.client.trace(CorrelationID(bits: 42))
        let text = String(decoding: try DocumentText.line(OTLPTraces([trace], cluster: "notes")), as: UTF8.self)
        #expect(text.components(separatedBy: "asked for by").count == 2)
        #expect(text.contains("4bf92f3577b34da6a3ce929d0e0e4736") && text.contains("00f067aa0ba902b7"))
        try scenario.remove()
    }
}
