import CLimits
import Foundation
import RoostCore
import RoostLog
import RoostLogSQLite
import RoostNode

/// A projection made again from the first event and compared with the live one, beside a plain C fold of the same file.
enum RebuildRows {
    private static let events = 400_000

    static func measure() async throws -> [Row] {
        try await Scratch.with { directory in
            let site = Site(directory: directory)
            let log = try site.createLog(partitions: 1)
            var left = events / 512
            _ = try await LogRows.fill(site, log) {
                left -= 1
                return left >= 0
            }
            let files = ProjectionFiles(directory: site.projections)
            try files.prepare()
            try makeLive(log, files)
            var (values, limits): ([Double], [Double]) = ([], [])
            for round in 0..<Suite.rounds {
                limits.append(roost_limit_fold(site.firstPartitionFile, "\(directory)/fold-\(round).db"))
                values.append(try await rebuild(log, files))
            }
            return [
                Row(
                    "rebuild, with the comparison", unit: "events/s", values, limit: limits,
                    of: "raw C fold, without decoding", target: 0.5)
            ]
        }
    }

    /// The projection that a rebuild is compared with.
    private static func makeLive(_ log: SQLiteLog, _ files: ProjectionFiles) throws {
        let partition = PartitionID(0)
        let reader = try log.reader(partition)
        let store = try ProjectionStore(
            ParcelProjection.self, path: files.currentPath(), logID: log.identity.id, codec: .json, build: "bench")
        while true {
            let page = try reader.events(after: store.progress(partition).position, limit: 10_000)
            guard let last = page.last else { break }
            try store.transaction {
                try store.apply(page, of: partition)
                store.prove(partition, digest: try reader.commit(holding: last.position)?.digest ?? [])
            }
        }
        try store.close()
    }

    private static func rebuild(_ log: SQLiteLog, _ files: ProjectionFiles) async throws -> Double {
        let readers = try log.identity.placement.partitions.map { try log.reader($0) }
        let rebuilder = Rebuilder(
            ParcelProjection.self, files: files, log: log.identity, readers: readers, source: LogPageSource(readers),
            codec: .json)
        let start = Monotonic.seconds
        let result = try await rebuilder.run { _, _ in }
        let rate = Double(result.events) / (Monotonic.seconds - start)
        guard result.isEqual else { throw BenchmarkError("the rebuilt projection differs from the live one") }
        for suffix in ["", "-wal", "-shm"] {
            let path = files.path(generation: result.generation) + suffix
            if FileManager.default.fileExists(atPath: path) { try FileManager.default.removeItem(atPath: path) }
        }
        return rate
    }
}
