import Histogram
import RoostCore
import RoostJSON
import RoostLog
import RoostLogSQLite
import RoostNode
import RoostZeroMQ

/// One process that sends commands and waits for their answers, as many at a time as its load says.
enum ClientProcess {
    static func run(_ site: Site, _ load: Load) async throws {
        let log = try SQLiteLog.open(at: site.logPath)
        let thread = SocketThread(name: "client")
        let client = try Sender(thread: thread, log: log, aggregates: load.aggregates)
        let meter = Meter()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<load.lanes {
                group.addTask(executorPreference: thread) { try await client.run(lane: lane, load, meter) }
            }
            try await group.waitForAll()
        }
        await client.stop()
        thread.shutdown()
        Child.say(try JSONValue(encoding: meter.result(seconds: load.seconds)).compact)
    }
}

/// Counts answers that arrive between the warm-up and the end.
final class Meter: @unchecked Sendable {
    // @unchecked: touched on the client's thread, and by the main task once every lane has ended.
    private let start = Monotonic.seconds
    private var histogram = Histogram<UInt64>(highestTrackableValue: 60_000_000_000)
    private var answers = 0

    var elapsed: Double { Monotonic.seconds - start }

    func note(_ count: Int, sentAt: UInt64, load: Load) {
        guard elapsed > load.warmUpSeconds else { return }
        answers += count
        histogram.record(Monotonic.nanoseconds - sentAt, count: UInt64(count))
    }

    func result(seconds: Double) -> LoadResult {
        LoadResult(
            perSecond: Double(answers) / seconds, p50: Double(histogram.valueAtPercentile(50)) / 1e6,
            p99: Double(histogram.valueAtPercentile(99)) / 1e6)
    }
}
