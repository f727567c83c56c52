import ClientScenario
import Foundation
import InMemoryLogging
import Logging
import OtherPrograms
import RoostCore
import RoostRoles
import Testing

@testable import RoostTelemetry

@Suite("Spans are pushed to a collector", .timeLimit(.minutes(2)))
struct PushTests {
    private static func with(
        answering answers: [CollectorServer.Answer] = [], eventsMax: Int = 512,
        _ body: (PushUnderTest) async throws -> Void
    ) async throws {
        var test = try PushUnderTest(answering: answers)
        test.eventsMax = eventsMax
        defer { #expect(throws: Never.self) { try test.scenario.remove() } }
        try await body(test)
    }

    @Test("Every event after the first start becomes one span under that of its cause; history does not")
    func everyEventOnce() async throws {
        try await Self.with { test in
            try await test.record(1...3)
            try await test.running()
            let counters = try await test.running {
                try await test.record(4...1303)
                _ = try await test.collector.report(spans: 1300)
            }
            let report = try await test.collector.report(spans: 1300)
            #expect(report.spans.map(\.span).sorted() == PushUnderTest.spanIDs(4...1303))
            for span in report.spans where span.span != "0000000000000004" {
                #expect(UInt64(span.parent, radix: 16) == UInt64(span.span, radix: 16).map { $0 - 1 })
            }
            #expect(Set(report.spans.map(\.trace)) == ["0000000000000000000000000000002a"])
            #expect(Set(report.spans.map(\.service)) == ["notes-0", "notes-1", "notes-2"])
            #expect(Set(report.spans.map(\.cluster)) == ["test"] && Set(report.spans.map(\.name)) == ["NoteWritten"])
            #expect(report.requests.allSatisfy { $0.path == "/v1/traces" && $0.spans <= 512 })
            #expect(report.requests.allSatisfy { $0.headers["x-team"] == "till one" })
            #expect(counters == .init(sent: 1300, refused: 0, retries: 0))
        }
    }

    @Test("After an orderly restart nothing is sent twice, and what came meanwhile is not lost")
    func restart() async throws {
        try await Self.with(eventsMax: 7) { test in
            try await test.running()
            for round in 0..<4 {
                let first = UInt128(round * 25 + 1)
                try await test.record(first...first + 14)
                try await test.running {
                    try await test.record(first + 15...first + 24)
                    // Stops somewhere in the middle.
                    _ = try await test.collector.report(spans: round * 25 + 5)
                }
            }
            try await test.running { _ = try await test.collector.report(spans: 100) }
            try await test.running()
            let report = try await test.collector.report(spans: 100)
            #expect(report.spans.map(\.span).sorted() == PushUnderTest.spanIDs(1...100))
        }
    }

    @Test(
        "A collector that is away or busy gets everything once it is back, and nothing twice",
        arguments: [
            [CollectorServer.Answer.status(503, headers: ["Retry-After": "0"])], [.status(429), .status(502)],
            [.drop, .status(504), .drop],
        ])
    func away(_ answers: [CollectorServer.Answer]) async throws {
        try await Self.with(answering: answers, eventsMax: 4) { test in
            try await test.running()
            try await test.record(1...10)
            let counters = try await test.running { _ = try await test.collector.report(spans: 10) }
            let report = try await test.collector.report(spans: 10)
            #expect(report.spans.map(\.span).sorted() == PushUnderTest.spanIDs(1...10))
            #expect(report.requests.count { $0.status != 200 } == answers.count)
            #expect(counters == .init(sent: 10, refused: 0, retries: UInt64(answers.count)))
        }
    }

    @Test("A collector that asks for a long wait does not keep the process, and gets everything after the next start")
    func stoppedWhileBusy() async throws {
        try await Self.with(answering: [.status(503, headers: ["Retry-After": "3600"])]) { test in
            try await test.running()
            try await test.record(1...10)
            let push = try test.push()
            let stop = StopSignal()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await push.run(until: { await stop.wait() }) }
                while push.counters.retries == 0 {
                    try Task.checkCancellation()
                    await Task.yield()
                }
                stop.request()
                try await group.waitForAll()
            }
            #expect(push.counters == .init(sent: 0, refused: 0, retries: 1))
            try await test.running { _ = try await test.collector.report(spans: 10) }
            let report = try await test.collector.report(spans: 10)
            #expect(report.spans.map(\.span).sorted() == PushUnderTest.spanIDs(1...10))
        }
    }

    @Test("A batch that is refused for good is counted and logged with the reason, and what comes after it is sent")
    func refused() async throws {
        try await Self.with(answering: [.status(400, body: "no such tenant")], eventsMax: 3) { test in
            try await test.running()
            try await test.record(1...5)
            let counters = try await test.running { _ = try await test.collector.report(spans: 2) }
            let report = try await test.collector.report(spans: 2)
            #expect(report.requests.map(\.status) == [400, 200] && report.requests.map(\.spans) == [3, 2])
            #expect(counters == .init(sent: 2, refused: 3, retries: 0))
            let line = try #require(test.warnings.first { $0.level == .warning })
            #expect(line.metadata["reason"] == "400 Bad Request: no such tenant")
            #expect(line.metadata["spans"] == "3")
        }
    }

    @Test(
        "A span begins where that of its cause ends; those that a collector leaves out of a batch are counted and logged"
    )
    func partlyRefused() async throws {
        let body = #"{"partialSuccess":{"rejectedSpans":"2","errorMessage":"too old"}}"#
        try await Self.with(answering: [.status(200, body: body)]) { test in
            try await test.running()
            try await test.record(1...5)
            let counters = try await test.running { _ = try await test.collector.report(spans: 5) }
            let spans = try await test.collector.report(spans: 5).spans.sorted { $0.end < $1.end }
            #expect(spans.map { $0.end - $0.start } == [0] + Array(repeating: 1_000_000_000, count: 4))
            #expect(counters == .init(sent: 3, refused: 2, retries: 0))
            #expect(test.warnings.map { $0.metadata["reason"] } == ["too old"])
        }
    }
}
