import ClientScenario
import Foundation
import InMemoryLogging
import RoostCore
import RoostLog
import Testing

@testable import RoostTelemetry

@Suite("What a push is told")
struct PushSettingsTests {
    @Test("The variables of OpenTelemetry say where spans go, those for traces first")
    func endpoints() throws {
        let base = "OTEL_EXPORTER_OTLP_ENDPOINT"
        let own = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
        #expect(try OTLPSettings(environment: [:], cluster: "shop") == nil)
        #expect(try OTLPSettings(environment: [base: ""], cluster: "shop") == nil)
        for (environment, endpoint) in [
            ([base: "http://localhost:4318"], "http://localhost:4318/v1/traces"),
            ([base: "https://host/otlp/"], "https://host/otlp/v1/traces"),
            ([own: "http://localhost:4318/any"], "http://localhost:4318/any"),
            ([base: "http://a:1", own: "http://b:2/"], "http://b:2/"),
        ] {
            #expect(try OTLPSettings(environment: environment, cluster: "shop")?.endpoint == endpoint)
        }
        for text in ["localhost:4318", "ftp://host", "http://", "grpc://host:4317", " "] {
            let error = #expect(throws: OTLPSettingError.self) {
                try OTLPSettings(environment: [base: text], cluster: "shop")
            }
            #expect(error?.description.contains("export \(base)=") == true, "\(text)")
        }
    }

    @Test("Headers are decoded, and a list that is none is an error that does not quote it")
    func headers() throws {
        func headers(_ text: String) throws -> [OTLPSettings.Header]? {
            let environment = ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://a:1", "OTEL_EXPORTER_OTLP_HEADERS": text]
            return try OTLPSettings(environment: environment, cluster: "shop")?.headers
        }
        #expect(
            try headers("a=1, Authorization = Basic%20eA== ,") == [
                .init(name: "a", value: "1"), .init(name: "Authorization", value: "Basic eA=="),
            ])
        for text in ["secret", "=secret", "a b=secret", "a=secret%0d%0ab: c", "a=secret%zz"] {
            let error = #expect(throws: OTLPSettingError.self) { try headers(text) }
            #expect(error?.description.contains("secret") == false, "\(text)")
        }
    }

    @Test("Retry-After is a number of seconds or a date, and never negative or endless")
    func retryAfter() {
        let now = Date(timeIntervalSince1970: 784_111_777)
        #expect(OTLPCollector.wait("7", now: now) == .seconds(7))
        #expect(OTLPCollector.wait("Sun, 06 Nov 1994 08:50:37 GMT", now: now) == .seconds(60))
        #expect(OTLPCollector.wait("Sun, 06 Nov 1993 08:50:37 GMT", now: now) == .zero)
        #expect(OTLPCollector.wait("-3", now: now) == .zero)
        #expect(OTLPCollector.wait("999999999999", now: now) == .seconds(86_400))
        #expect(OTLPCollector.wait("soon", now: now) == nil && OTLPCollector.wait(nil, now: now) == nil)
    }
}

@Suite("The cursor of a push", .timeLimit(.minutes(1)))
struct PushCursorTests {
    @Test("A cursor of another log, or behind the head, goes on at the head and says so")
    func replacedLog() async throws {
        let test = try PushUnderTest()
        defer { #expect(throws: Never.self) { try test.scenario.remove() } }
        try await test.record(1...4)
        let head = try test.scenario.log.reader(PartitionID(2)).head().position
        var ahead = PushCursor(logID: test.scenario.log.identity.id)
        ahead[PartitionID(2)] = Position(head.rawValue + 90)
        for cursor in [PushCursor(logID: LogID(bits: 99)), ahead] {
            let warnings = test.lines.entries.count
            try cursor.write(test.cursorPath)
            try await test.running()
            let now = try #require(try PushCursor.read(test.cursorPath))
            #expect(now.logID == test.scenario.log.identity.id && now[PartitionID(2)] == head)
            #expect(test.lines.entries.count == warnings + 1)
        }
        try await test.running()
        #expect(test.lines.entries.count == 2)
    }

    @Test("A file that is no cursor ends the push with what to type, and is left as it is")
    func brokenFile() async throws {
        let test = try PushUnderTest()
        defer { #expect(throws: Never.self) { try test.scenario.remove() } }
        for text in ["", "{", #"{"schema":"roost.trace/1"}"#] {
            try Data(text.utf8).write(to: URL(fileURLWithPath: test.cursorPath))
            let error = await #expect(throws: PushCursorError.self) { try await test.running() }
            #expect(error?.description.contains("rm '\(test.cursorPath)'") == true)
            #expect(try String(contentsOfFile: test.cursorPath, encoding: .utf8) == text)
        }
    }
}
