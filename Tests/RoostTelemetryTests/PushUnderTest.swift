import ClientScenario
import Foundation
import InMemoryLogging
import Logging
import OtherPrograms
import RoostCore
import RoostLog
import RoostRoles
import RoostTelemetry
import Testing

/// A log, a collector and what sends from one to the other.
struct PushUnderTest: Sendable {
    let scenario: ClientScenario
    let collector: CollectorServer
    let lines = InMemoryLogHandler()
    var eventsMax = 512

    init(answering answers: [CollectorServer.Answer] = []) throws {
        scenario = try ClientScenario()
        collector = try CollectorServer(answering: answers)
        try FileManager.default.createDirectory(atPath: cursorDirectory, withIntermediateDirectories: true)
    }

    /// What the push has complained of.
    var warnings: [InMemoryLogHandler.Entry] { lines.entries.filter { $0.level > .info } }

    var cursorDirectory: String { scenario.directory + "/push" }
    var cursorPath: String { cursorDirectory + "/otlp.json" }

    /// A push of its own, as a process that starts has one.
    func push() throws -> OTLPPush {
        let environment = [
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint, "OTEL_EXPORTER_OTLP_HEADERS": "x-team=till%20one",
        ]
        var settings = try #require(try OTLPSettings(environment: environment, cluster: "test"))
        settings.eventsMax = eventsMax
        settings.interval = .milliseconds(5)
        settings.retryMin = .milliseconds(1)
        settings.retryMax = .milliseconds(4)
        return OTLPPush(
            settings: settings, log: scenario.log, cursorPath: cursorPath,
            logger: Logger(label: "push") { [lines] _ in lines })
    }

    /// Starts, runs `body` beside it, and stops in order.
    @discardableResult
    func running(_ body: @escaping @Sendable () async throws -> Void = {}) async throws -> OTLPPush.Counters {
        let push = try push()
        let stop = StopSignal()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await push.run(until: { await stop.wait() }) }
            group.addTask {
                defer { stop.request() }
                try await body()
            }
            // A push that fails must not leave the test waiting for what it would have sent.
            while try await group.next() != nil {}
        }
        return push.counters
    }

    /// Stores a chain: each event is caused by the one before, in another stream.
    func record(_ numbers: ClosedRange<UInt128>) async throws {
        for number in numbers {
            try await scenario.record(
                number, in: number % 3 == 0 ? "tag/\(number)" : "note/\(number)",
                cause: number == numbers.lowerBound ? nil : number - 1, at: Int64(number))
        }
    }

    static func spanIDs(_ numbers: ClosedRange<Int>) -> [String] {
        numbers.map { number in
            let digits = String(number, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }
    }
}
