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
            try await appendLost(site, log)
            var (values, limits, sparse): ([Double], [Double], [Double]) = ([], [], [])
            let all = Under(ParcelProjection.self, log, site), few = Under(LostParcels.self, log, site)
            try all.makeLive()
            try few.makeLive()
            for round in 0..<Suite.rounds {
                limits.append(roost_limit_fold(site.firstPartitionFile, "\(directory)/fold-\(round).db"))
                values.append(try await all.rebuild())
                sparse.append(try await few.rebuild())
            }
            return [
                Row(
                    "rebuild, with the comparison", unit: "events/s", values, limit: limits,
                    of: "raw C fold, without decoding", target: 0.5),
                Row(
                    "rebuild of what handles \(lost) of them", unit: "events/s", sparse, limit: limits,
                    of: "raw C fold, without decoding", target: nil),
            ]
        }
    }

    private static let lost = 100

    /// A few events of another type, after all others.
    private static func appendLost(_ site: Site, _ log: SQLiteLog) async throws {
        let now = Timestamp(seconds: 1_700_000_000)
        let writer = try await log.claim(PartitionID(0), site.claim("filler", at: now))
        let proposals = (0..<lost).map { number in
            Proposal(
                CommandContext(
                    stream: StreamName(unchecked: "parcel/\(number)"),
                    commandID: CommandID(unchecked: "lost-\(number)"),
                    fingerprint: 0, correlationID: CorrelationID(bits: UInt128(number + 1))),
                expected: .any,
                events: [
                    NewEvent(
                        eventID: EventID(bits: UInt128(number + 1)), type: LostParcels.type, payload: Bytes("{}"),
                        occurred: now)
                ])
        }
        _ = try await writer.append(proposals, at: now)
        await writer.close()
    }
}

/// A live projection and its rebuilds.
private struct Under {
    private let projection: any Projection.Type
    private let log: SQLiteLog
    private let files: ProjectionFiles

    init(_ projection: any Projection.Type, _ log: SQLiteLog, _ site: Site) {
        self.projection = projection
        self.log = log
        files = ProjectionFiles(directory: "\(site.projections)/\(projection.name)")
    }

    /// The projection that a rebuild is compared with.
    func makeLive() throws {
        try files.prepare()
        let partition = PartitionID(0)
        let reader = try log.reader(partition)
        let store = try ProjectionStore(
            projection, path: files.currentPath(), logID: log.identity.id, codec: .json, build: "bench")
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

    /// Events of the log in a second.
    func rebuild() async throws -> Double {
        let readers = try log.identity.placement.partitions.map { try log.reader($0) }
        let rebuilder = Rebuilder(
            projection, files: files, log: log.identity, readers: readers, source: LogPageSource(readers),
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
