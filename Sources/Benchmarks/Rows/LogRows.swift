import Foundation
import RoostCore
import RoostLog
import RoostLogSQLite

/// The log alone: appending batches in this process.
enum LogRows {
    private static let seconds = 2.0

    static func append() async throws -> [Row] {
        var (values, limits): ([Double], [Double]) = ([], [])
        for _ in 0..<Suite.rounds {
            limits.append(try await CommandRows.raw())
            values.append(
                try await Scratch.with { directory in
                    let site = Site(directory: directory)
                    let log = try site.createLog(partitions: 1)
                    let start = Monotonic.seconds
                    let events = try await fill(site, log) { Monotonic.seconds - start < seconds }
                    return Double(events) / (Monotonic.seconds - start)
                })
        }
        return [
            Row(
                "log: append, every command ID looked up", unit: "events/s", values, limit: limits, of: "raw C SQLite",
                target: nil)
        ]
    }

    /// Appends commits of 512 events of 10,000 aggregates as long as it may; returns how many events.
    static func fill(_ site: Site, _ log: SQLiteLog, while mayGoOn: () -> Bool) async throws -> Int {
        let now = Timestamp(seconds: 1_700_000_000)
        let writer = try await log.claim(PartitionID(0), site.claim("filler", at: now))
        var events = EventSource()
        while mayGoOn() {
            let batch = AppendBatch()
            for _ in 0..<512 { batch.add(try events.next(at: now)) }
            try await writer.append(batch, at: now)
            guard batch.committed.count == 512 else { throw BenchmarkError("a commit was not stored whole") }
        }
        await writer.close()
        return events.count
    }
}
