import RoostArchive
import RoostCore
import RoostLog
import RoostLogSQLite

/// Archiving a partition, and reading it from its archives, beside what gzip and SQLite alone take for the same events.
enum ArchiveRows {
    private static let events = 150_000

    static func measure() async throws -> [Row] {
        var (written, gzipped, read, hot): ([Double], [Double], [Double], [Double]) = ([], [], [], [])
        for _ in 0..<Suite.rounds {
            try await Scratch.with { directory in
                let site = Site(directory: directory)
                let log = try site.createLog(partitions: 1)
                var left = events
                let count = try await LogRows.fill(site, log) {
                    left -= 512
                    return left >= 0
                }
                hot.append(try readAll(log, count))
                let (rate, entries) = try archive(log, to: directory + "/cold")
                written.append(rate)
                gzipped.append(try gzip(log, entries))
                try await LogArchiver(of: log).carryOut(
                    PartitionID(0), as: site.claim("archive", at: Timestamp(seconds: 1_700_000_000)))
                read.append(try readAll(log, count))
            }
        }
        return [
            Row(
                "archive: write, read back and compare", unit: "events/s", written, limit: gzipped,
                of: "gzip and gunzip alone", target: nil),
            Row("archive: read", unit: "events/s", read, limit: hot, of: "from the log's own file", target: nil),
        ]
    }

    private static func archive(_ log: SQLiteLog, to place: String) throws -> (rate: Double, [ArchiveEntry]) {
        let archiver = LogArchiver(of: log)
        guard let range = try archiver.range(of: PartitionID(0), before: Timestamp(nanoseconds: .max)) else {
            throw BenchmarkError("there is nothing to archive")
        }
        let start = Monotonic.seconds
        let entries = try archiver.write(range, to: DirectoryPlace(path: place), report: { _ in }, stored: {})
        let rate = Double(range.events) / (Monotonic.seconds - start)
        try archiver.order(entries, range)
        return (rate, entries)
    }

    /// Packs and unpacks the same text in the same blocks.
    private static func gzip(_ log: SQLiteLog, _ entries: [ArchiveEntry]) throws -> Double {
        var texts: [[UInt8]] = []
        for entry in entries {
            try LogArchiver(of: log).read(entry, of: PartitionID(0)) { texts.append(Array($0)) }
        }
        let start = Monotonic.seconds
        for text in texts {
            let packed = text.withUnsafeBytes { Gzip.compress($0) }
            let unpacked = packed.withUnsafeBytes { Gzip.decompress($0, length: text.count) }
            guard unpacked == text else { throw BenchmarkError("gzip changed a block") }
        }
        return Double(entries.reduce(0) { $0 + $1.events }) / (Monotonic.seconds - start)
    }

    private static func readAll(_ log: SQLiteLog, _ count: Int) throws -> Double {
        let reader = try log.reader(PartitionID(0))
        let start = Monotonic.seconds
        var position = Position.start
        while let last = try reader.events(after: position, limit: 10_000).last { position = last.position }
        guard position.rawValue == UInt64(count) else { throw BenchmarkError("not everything was read") }
        return Double(count) / (Monotonic.seconds - start)
    }
}
