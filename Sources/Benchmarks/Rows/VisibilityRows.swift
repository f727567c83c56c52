import Foundation
import GRDB
import Histogram
import RoostCore
import RoostLogSQLite
import RoostNode
import RoostZeroMQ

/// How long after its answer a command's event can be read from a projection that another process keeps.
enum VisibilityRows {
    private static let commands = 1500

    static func measure() async throws -> [Row] {
        try await Scratch.with { directory in
            let site = Site(directory: directory)
            let writer = try Child(.writer, [directory, "1"])
            guard try writer.line() == "ready" else { throw BenchmarkError("the writer is not ready") }
            let projector = try Child(.projector, [directory])
            guard try projector.line() == "ready" else { throw BenchmarkError("the projector is not ready") }
            let histogram = try await histogram(site)
            try projector.end()
            try writer.end()
            return [50.0, 99].map { percentile in
                Row(
                    "acknowledged → visible in another process, p\(Int(percentile))", unit: "ms",
                    Double(histogram.valueAtPercentile(percentile)) / 1e6)
            }
        }
    }

    private static func histogram(_ site: Site) async throws -> Histogram<UInt64> {
        let thread = SocketThread(name: "client")
        let sender = try Sender(thread: thread, log: try SQLiteLog.open(at: site.logPath), aggregates: 10_000)
        let database = try DatabaseQueue(path: ProjectionFiles(directory: site.projections).currentPath())
        var histogram = Histogram<UInt64>(highestTrackableValue: 60_000_000_000)
        for number in 1...commands {
            let answers = try await sender.send(1, lane: 0)
            guard let position = answers.first?.position else { throw BenchmarkError("no answer") }
            let answered = Monotonic.nanoseconds
            while try visible(in: database) < Int64(position.rawValue) { usleep(20) }
            if number > commands / 10 { histogram.record(Monotonic.nanoseconds - answered) }
        }
        await sender.stop()
        thread.shutdown()
        return histogram
    }

    /// How far a reader in this process sees the projection.
    private static func visible(in database: DatabaseQueue) throws -> Int64 {
        try database.read { database in
            try database.cachedStatement(sql: "SELECT position FROM roost_progress WHERE partition = 0")
                .fetchOneInteger()
        }
    }
}

extension Statement {
    fileprivate func fetchOneInteger() throws -> Int64 { try Int64.fetchOne(self) ?? 0 }
}
