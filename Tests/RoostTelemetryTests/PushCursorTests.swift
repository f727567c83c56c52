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
            let warnings = test.warnings.count
            try cursor.write(test.cursorPath)
            try await test.running()
            let now = try #require(try PushCursor.read(test.cursorPath))
            #expect(now.logID == test.scenario.log.identity.id && now[PartitionID(2)] == head)
            #expect(test.warnings.count == warnings + 1)
        }
        try await test.running()
        #expect(test.warnings.count == 2)
    }

    @Test("A file that is no cursor ends the push with what to type, and is left as it is")
    func brokenFile() async throws {
        let test = try PushUnderTest()
        defer { #expect(throws: Never.self) { try test.scenario.remove() } }
        for text in ["", "{", #"{"schema":"roost.trace/1"}"#] {
            try Data(text.utf8).write(to: URL(fileURLWithPath: test.cursorPath))
            let error = await #expect(throws: PushCursorError.self) {
                try await test.push().run(until: { await StopSignal().wait() })
            }
            #expect(error?.description.contains("rm '\(test.cursorPath)'") == true)
            #expect(try String(contentsOfFile: test.cursorPath, encoding: .utf8) == text)
        }
    }

    @Test("Nothing is sent twice though the disk did not take the cursor for a while")
    func fullDisk() async throws {
        let test = try PushUnderTest()
        defer { #expect(throws: Never.self) { try test.scenario.remove() } }
        try await test.running()
        try await test.running {
            try await test.record(1...1)
            _ = try await test.collector.report(spans: 1)
            let away = test.scenario.directory + "/away"
            try FileManager.default.moveItem(atPath: test.cursorDirectory, toPath: away)
            try await test.record(2...5)
            while test.warnings.isEmpty {
                try Task.checkCancellation()
                await Task.yield()
            }
            try await test.record(6...8)
            try FileManager.default.moveItem(atPath: away, toPath: test.cursorDirectory)
            _ = try await test.collector.report(spans: 8)
        }
        try await test.running()
        let spans = try await test.collector.report(spans: 8).spans
        #expect(spans.map(\.span).sorted() == PushUnderTest.spanIDs(1...8))
        #expect(test.warnings.allSatisfy { $0.metadata["path"] == "\(test.cursorPath)" })
    }
}
