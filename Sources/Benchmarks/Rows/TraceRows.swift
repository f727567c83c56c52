import Foundation
import GRDB
import Histogram
import RoostClient
import RoostCore
import RoostLog
import RoostLogSQLite
import RoostNode
import RoostTrace
import RoostZeroMQ

/// How soon a chain can be followed, and how long it takes to find one among a million events.
enum TraceRows {
    private static let perSecond = 2000
    private static let perTick = 20
    private static let seconds = 10
    private static let partitions: UInt32 = 8
    private static let chains = 125_000
    private static let looks = 200

    // MARK: - Live

    static func live() async throws -> [Row] {
        try await Scratch.with { directory in
            let site = Site(directory: directory)
            let writer = try Child(.writer, [directory, "1"])
            guard try writer.line() == "ready" else { throw BenchmarkError("the writer is not ready") }
            let projector = try Child(.projector, [directory, TraceIndex.name])
            guard try projector.line() == "ready" else { throw BenchmarkError("the projector is not ready") }
            let histogram = try await follow(site)
            try projector.end()
            try writer.end()
            return [50.0, 99].map { percentile in
                Row(
                    "acknowledged → in traces, 2,000 events/s, p\(Int(percentile))",
                    unit: "ms", Double(histogram.valueAtPercentile(percentile)) / 1e6)
            }
        }
    }

    /// Sends at a fixed pace and measures, for the last event of each answer, when its chain is in the index.
    private static func follow(_ site: Site) async throws -> Histogram<UInt64> {
        let thread = SocketThread(name: "client")
        let sender = try Sender(thread: thread, log: try SQLiteLog.open(at: site.logPath), aggregates: 10_000)
        let index = TraceIndexReader(projections: site.projections)
        var histogram = Histogram<UInt64>(highestTrackableValue: 60_000_000_000)
        let start = Monotonic.nanoseconds
        let tick = UInt64(1_000_000_000 * perTick / perSecond)
        let ticks = seconds * perSecond / perTick
        for number in 0..<ticks {
            let due = start + UInt64(number) * tick
            let now = Monotonic.nanoseconds
            if due > now { usleep(UInt32((due - now) / 1000)) }
            let answers = try await sender.send(perTick, lane: 0)
            guard let chain = answers.last?.correlationID else { throw BenchmarkError("no answer") }
            let answered = Monotonic.nanoseconds
            while index.places(of: chain)?.positions.isEmpty ?? true { usleep(200) }
            if number > ticks / 10 { histogram.record(Monotonic.nanoseconds - answered) }
        }
        let rate = Double(ticks * perTick) / (Double(Monotonic.nanoseconds - start) / 1e9)
        guard rate > Double(perSecond) * 0.95 else { throw BenchmarkError("only \(Int(rate)) events/s were sent") }
        await sender.stop()
        thread.shutdown()
        return histogram
    }

    // MARK: - One chain of many

    static func find() async throws -> [Row] {
        try await Scratch.with { directory in
            let site = Site(directory: directory)
            let log = try site.createLog(partitions: partitions)
            try await fill(site, log)
            let without = try look(site, times: looks / 20)
            let rate = try index(site, log)
            let with = try look(site, times: looks)
            return [
                Row("find one chain of 1,000,000 events, p50", unit: "ms", percentile(50, with)),
                Row("find one chain of 1,000,000 events, p99", unit: "ms", percentile(99, with)),
                Row("  by the log alone, without traces, p50", unit: "ms", percentile(50, without)),
                Row("index the chains of a whole log", unit: "events/s", rate),
            ]
        }
    }

    private static func percentile(_ percent: Int, _ values: [Double]) -> Double {
        let sorted = values.sorted()
        return sorted[min(sorted.count - 1, sorted.count * percent / 100)]
    }

    /// Every chain has one event in each partition, caused by that of the partition before.
    private static func fill(_ site: Site, _ log: SQLiteLog) async throws {
        let now = Timestamp(seconds: 1_700_000_000)
        for partition in log.identity.placement.partitions {
            let writer = try await log.claim(partition, site.claim("filler", at: now))
            let stream = try stream(in: partition, log.identity.placement)
            for start in stride(from: 0, to: chains, by: 500) {
                let batch = AppendBatch()
                for chain in start..<start + 500 { batch.add(proposal(chain, partition, stream, now)) }
                try await writer.append(batch, at: now + .milliseconds(start))
            }
            await writer.close()
        }
    }

    private static func stream(in partition: PartitionID, _ placement: Placement) throws -> StreamName {
        let names = (0..<10_000).lazy.map { StreamName(unchecked: "\(Parcel.category)/\($0)") }
        guard let name = names.first(where: { placement.partition(of: $0) == partition }) else {
            throw BenchmarkError("no parcel lies in partition \(partition)")
        }
        return name
    }

    private static func correlation(_ chain: Int) -> CorrelationID {
        CorrelationID(bits: UInt128(chain + 1) << 64 | UInt128(StableHash.finalized(UInt64(chain))))
    }

    private static func proposal(
        _ chain: Int, _ partition: PartitionID, _ stream: StreamName, _ now: Timestamp
    ) -> Proposal {
        let number = UInt128(chain + 1) << 64 | UInt128(partition.rawValue + 1)
        let isRoot = partition.rawValue == 0
        let context = CommandContext(
            stream: stream, commandID: CommandID(unchecked: "chain-\(chain)-\(partition)"), fingerprint: UInt64(chain),
            correlationID: correlation(chain), causationID: isRoot ? nil : EventID(bits: number - 1),
            depth: UInt16(partition.rawValue))
        let event = NewEvent(
            eventID: EventID(bits: number), type: ParcelMoved.type, payload: Bytes(#"{"move":\#(chain)}"#),
            occurred: now)
        return Proposal(context, expected: .any, events: [event])
    }

    /// Returns events a second.
    private static func index(_ site: Site, _ log: SQLiteLog) throws -> Double {
        let files = ProjectionFiles(directory: "\(site.projections)/\(TraceIndex.name)")
        try files.prepare()
        let store = try ProjectionStore(
            TraceIndex.self, path: files.currentPath(), logID: log.identity.id, codec: .json, build: "bench")
        let start = Monotonic.seconds
        for partition in log.identity.placement.partitions {
            let reader = try log.reader(partition)
            while let last = try apply(reader, store) {
                guard last < Position(UInt64(chains)) else { break }
            }
        }
        let rate = Double(chains * Int(partitions)) / (Monotonic.seconds - start)
        try store.close()
        return rate
    }

    private static func apply(_ reader: any PartitionReader, _ store: ProjectionStore) throws -> Position? {
        let page = try reader.events(after: store.progress(reader.partition).position, limit: 10_000)
        guard let last = page.last else { return nil }
        try store.transaction {
            try store.apply(page, of: reader.partition)
            store.prove(reader.partition, digest: try reader.commit(holding: last.position)?.digest ?? [])
        }
        return last.position
    }

    /// Milliseconds of each look: the log and everything else are opened anew, as a command does it.
    private static func look(_ site: Site, times: Int) throws -> [Double] {
        var random: UInt64 = 88_172_645_463_325_252
        return try (0..<times).map { _ in
            random ^= random << 13
            random ^= random >> 7
            random ^= random << 17
            let chain = correlation(Int((random >> 20) % UInt64(chains)))
            let start = Monotonic.nanoseconds
            let trace = try client(site).trace(chain)
            let took = Double(Monotonic.nanoseconds - start) / 1e6
            guard trace.events.count == Int(partitions), trace.complete else {
                throw BenchmarkError("not the whole chain")
            }
            return took
        }
    }

    private static func client(_ site: Site) throws -> ClusterClient {
        try ClusterClient(
            name: "bench", domain: Domain(name: "parcels", aggregates: [Parcel.self]),
            log: try SQLiteLog.open(at: site.logPath),
            databases: ReaderDatabases(
                projections: site.projections, reactors: site.directory, snapshots: site.directory,
                feeds: site.directory), sender: NoSender(), now: { Timestamp(seconds: 1_700_001_000) }, resting: { [:] }
        )
    }
}

/// For a client that only reads.
private struct NoSender: CommandSender {
    func send(_ requests: [CommandRequest]) async -> [CommandAnswer] { [] }
}
