import RoostCore
import RoostLog
import RoostLogSQLite
import RoostNode
import RoostZeroMQ

/// Loading one aggregate with a long history, from its snapshot and from its first event.
enum SnapshotRows {
    private static let events = 10_000
    private static let loads = 50

    static func measure() async throws -> [Row] {
        try await Scratch.with { directory in
            let site = Site(directory: directory)
            let log = try site.createLog(partitions: 1)
            let stream = try await fill(site, log)
            let kind = AggregateKind(Parcel.self)
            let store = try SnapshotStore(path: "\(directory)/snapshots.db", logID: log.identity.id)
            guard let fold = kind.foldIdentity else { throw BenchmarkError("parcels have no snapshots") }
            try await makeSnapshot(of: stream, store, log, kind)
            var (values, limits): ([Double], [Double]) = ([], [])
            for _ in 0..<Suite.rounds {
                limits.append(try rate(1) { try load(stream, kind, log, nil) })
                values.append(try rate(loads) { try load(stream, kind, log, store.find(stream, foldedAs: fold)) })
            }
            return [
                Row(
                    "load an aggregate of 10,000 events", unit: "loads/s", values, limit: limits,
                    of: "without its snapshot", target: 50)
            ]
        }
    }

    private static func fill(_ site: Site, _ log: SQLiteLog) async throws -> StreamName {
        let now = Timestamp(seconds: 1_700_000_000)
        let writer = try await log.claim(PartitionID(0), site.claim("filler", at: now))
        var source = EventSource()
        for start in stride(from: 0, to: events, by: 500) {
            let batch = AppendBatch()
            for _ in start..<start + 500 { batch.add(try source.next(of: 7, at: now)) }
            try await writer.append(batch, at: now)
        }
        await writer.close()
        return StreamName(unchecked: "parcel/7")
    }

    private static func makeSnapshot(
        of stream: StreamName, _ store: SnapshotStore, _ log: SQLiteLog, _ kind: AggregateKind
    ) async throws {
        let thread = SocketThread(name: "aside")
        let snapshotter = Snapshotter(
            store: store, reader: try log.reader(PartitionID(0)), kinds: [kind.category: kind], codec: .json,
            clock: ThreadClock(thread: thread), lane: thread)
        await snapshotter.make([stream])
        thread.shutdown()
    }

    /// As a host does it that knows the stream to be long; the last version proves that all of it was loaded.
    private static func load(
        _ stream: StreamName, _ kind: AggregateKind, _ log: SQLiteLog, _ snapshot: Snapshot?
    ) throws {
        var loader = kind.fold(stream, PayloadCodec.json.makeEventDecoder())
        try loader.load(from: try log.reader(PartitionID(0)), startingAt: snapshot)
        guard loader.version == StreamVersion(UInt64(events)) else { throw BenchmarkError("not loaded whole") }
    }

    private static func rate(_ count: Int, _ body: () throws -> Void) throws -> Double {
        let start = Monotonic.seconds
        for _ in 0..<count { try body() }
        return Double(count) / (Monotonic.seconds - start)
    }
}
