import Foundation
import RoostCore
import RoostJSON
import RoostNode
import RoostTrace
import RoostZeroMQ
import Testing

@Suite("What processes are seen doing", .timeLimit(.minutes(1)))
struct SpanTests {
    private func recorder(_ thread: SocketThread, run: UInt128 = 1) -> SpanRecorder {
        SpanRecorder(
            process: "orders-0", incarnation: Incarnation(bits: run), logID: Wire.logID,
            clock: ThreadClock(thread: thread))
    }

    private func span(_ position: UInt64, partition: UInt32 = 0) -> HandlingSpan {
        let start = Timestamp(nanoseconds: Int64(position) * 1000)
        return HandlingSpan(
            .store, PartitionID(partition), Position(position), Position(position), start: start,
            end: start + .milliseconds(2), queued: 5)
    }

    /// A directory for an observed database, as a cluster has it.
    private func withProjections(_ body: (String) async throws -> Void) async throws {
        let directory = NSTemporaryDirectory() + "roost-spans-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: directory + "/traces", withIntermediateDirectories: true)
        do { try await body(directory) } catch {
            try FileManager.default.removeItem(atPath: directory)
            throw error
        }
        try FileManager.default.removeItem(atPath: directory)
    }

    private func store(_ projections: String, _ log: LogID = Wire.logID, spans: Int64 = 1000) throws -> ObservedStore {
        var limits = ObservedStore.Limits()
        limits.spansMax = spans
        return try ObservedStore(path: ObservedStore.path(in: projections), logID: log, limits: limits)
    }

    private func event(_ position: UInt64) -> TraceEvent {
        TraceEvent(
            Wire.page(position...position)[0], partition: PartitionID(0), process: "orders-0", readers: [])
    }

    private func report(
        _ number: UInt64, _ spans: [HandlingSpan], run: UInt128 = 1, dropped: UInt64 = 0, process: String = "orders-0"
    ) -> SpanReport {
        SpanReport(
            logID: Wire.logID, process: process, incarnation: Incarnation(bits: run), number: number, dropped: dropped,
            spans: spans, rejected: [])
    }

    @Test("Reports arrive over a socket, in order and whole, also those that waited for somebody to take them")
    func arrival() async throws {
        let thread = SocketThread(name: "spans")
        let recorder = recorder(thread)
        let sender = SpanSender(thread: thread, recorder: recorder)
        let endpoint = Wire.endpoint()
        for position in 1...1500 { recorder.note(span(UInt64(position))) }
        try await sender.start(to: endpoint)
        let collector = SpanCollector(thread: thread, logID: Wire.logID)
        _ = try await collector.start(at: endpoint)
        await until { collector.counters.records == 1500 }
        recorder.note(span(1501))
        await sender.stop()
        await until { collector.counters.records == 1501 }
        await collector.stop()
        var reports: [SpanReport] = []
        while let taken = await collector.inbox.take() { reports += taken }
        #expect(reports.map(\.number) == Array(1...UInt64(reports.count)))
        #expect(reports.flatMap(\.spans).map(\.first.rawValue) == Array(1...1501))
        #expect(reports.allSatisfy { $0.dropped == 0 && $0.process == "orders-0" })
        thread.shutdown()
    }

    @Test("A recorder that nobody asks keeps the newest and counts what it dropped")
    func bounded() async throws {
        let thread = SocketThread(name: "spans")
        let recorder = recorder(thread)
        for position in 1...10_000 { recorder.note(span(UInt64(position))) }
        let first = try #require(recorder.report())
        #expect(first.dropped == 10_000 - 8192 && first.spans.first?.first == Position(10_000 - 8192 + 1))
        recorder.takeBack(first)
        let again = try #require(recorder.report())
        #expect(again.number == first.number && again.spans == first.spans)
        thread.shutdown()
    }

    @Test("What is malformed, foreign or of another format is counted by reason and changes nothing")
    func refusals() async throws {
        let thread = SocketThread(name: "spans")
        let endpoint = Wire.endpoint()
        let collector = SpanCollector(thread: thread, logID: Wire.logID)
        _ = try await collector.start(at: endpoint)
        let foreign = SpanReport(
            logID: LogID(bits: 99), process: "orders-0", incarnation: Incarnation(bits: 1), number: 1, dropped: 0,
            spans: [span(1)], rejected: [])
        var other = report(1, [span(1)])
        other.schema = "roost.spans/2"
        let encoder = JSONPayloadEncoder()
        let messages: [[Bytes]] = [
            [Bytes("no JSON")], [Bytes("{}")], [Bytes(try encoder.bytes(foreign))], [Bytes(try encoder.bytes(other))],
            [Bytes(try encoder.bytes(report(1, []))), Bytes("a second frame")],
            [Bytes(try encoder.bytes(report(1, [span(7)])))],
        ]
        let pusher = RawPusher(thread)
        try await pusher.send(messages, to: endpoint)
        await until { collector.counters.received == 1 }
        #expect(collector.counters.refused == ["malformed": 4, "foreignLog": 1])
        await collector.stop()
        let taken = await collector.inbox.take() ?? []
        #expect(taken.flatMap(\.spans) == [span(7)])
        await pusher.stop()
        thread.shutdown()
    }

    @Test("What is kept is bounded, and what is known to be missing is said")
    func kept() async throws {
        try await withProjections { projections in
            let observed = ObservedReader(projections: projections)
            #expect(try observed.handlings(of: [event(1)]) == nil, "nobody collects")
            let store = try store(projections, spans: 10)
            try store.store([report(1, (1...6).map { span($0) }), report(2, (7...12).map { span($0) }, dropped: 3)])
            // Report 3 never came; then the process was started again, dropped two more, and its first report never came.
            try store.store([report(4, [span(13)], dropped: 3), report(2, [span(14)], run: 2, dropped: 2)])
            try store.close()
            #expect(try observed.gaps() == ObservationGaps(lostReports: 2, dropped: 5, removed: 4))
            let handled = try #require(try observed.handlings(of: [event(4), event(5), event(14)]))
            #expect(handled[event(4).eventID] == [] && handled[event(5).eventID]?.count == 1)
            let last = try #require(handled[event(14).eventID]?.first)
            #expect(last.process == "orders-0" && last.work == .store && last.queued == 5)
            #expect(last.endedAt - last.startedAt == .milliseconds(2))
        }
    }

    @Test("An event is found in the span that holds it, however many it holds, and in no other")
    func places() async throws {
        try await withProjections { projections in
            let store = try store(projections)
            func apply(_ first: UInt64, _ last: UInt64, fromLog: Bool) -> HandlingSpan {
                HandlingSpan(
                    .apply, PartitionID(0), Position(first), Position(last), start: Timestamp(seconds: 1),
                    end: Timestamp(seconds: 2), isFromLog: fromLog)
            }
            try store.store([
                report(1, [apply(1, 5000, fromLog: true), apply(5001, 5001, fromLog: false)], process: "dashboard"),
                report(1, [apply(5002, 5003, fromLog: false)], process: "search"),
            ])
            try store.close()
            let handled = try #require(
                try ObservedReader(projections: projections).handlings(of: [event(77), event(5001), event(5002)]))
            #expect(handled[event(77).eventID]?.map(\.isFromLog) == [true])
            #expect(handled[event(5001).eventID]?.map(\.process) == ["dashboard"])
            #expect(handled[event(5002).eventID]?.map(\.process) == ["search"])
        }
    }

    @Test("What was observed of another log is forgotten")
    func otherLog() async throws {
        try await withProjections { projections in
            var store = try store(projections)
            try store.store([report(1, [span(1)])])
            try store.close()
            store = try self.store(projections, LogID(bits: 99))
            try store.close()
            #expect(try ObservedReader(projections: projections).handlings(of: [event(1)]) == [event(1).eventID: []])
        }
    }
}

/// Sends messages as they are.
private final class RawPusher: @unchecked Sendable {
    // @unchecked: touched on the thread alone.
    private let thread: SocketThread
    private var socket: Socket?

    init(_ thread: SocketThread) { self.thread = thread }

    func send(_ messages: [[Bytes]], to endpoint: String) async throws {
        try await thread.run { () throws(ZeroMQError) in
            let socket = try Socket(.push, on: self.thread)
            self.socket = socket
            try socket.connect(endpoint)
        }
        for message in messages { await until { await self.send(message) } }
    }

    func stop() async { await thread.run { self.socket?.close() } }

    private func send(_ message: [Bytes]) async -> Bool {
        await thread.run {
            do throws(ZeroMQError) { return try self.socket?.send(message) ?? false } catch { return false }
        }
    }
}
