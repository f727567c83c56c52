import Foundation
import RoostCore
import RoostLog
package import RoostNode

extension ClusterClient {
    /// What a rebuild of a projection would find, without making anything. Applies the first events of the log in memory, for
    /// about a second, to tell how long it would take. `base` is what it would begin with; nil for the first event.
    package func planRebuild(of name: String, from base: ProjectionBase? = nil) throws -> RebuildPlanDocument {
        let projection = try projection(name)
        let counts = try counts(after: base)
        let types = storedTypes(projection.routes)
        let takesAll = projection is any WholeLogProjection.Type
        let kinds = counts.map {
            RebuildPlanDocument.Kind(type: $0, events: $1, handled: takesAll || types.contains($0))
        }
        let rest = counts.values.reduce(0, +)
        let obstacles = takesAll ? [] : try obstacles(among: types)
        let sample = try sample(projection, isReadable: obstacles.isEmpty)
        let size = try size(of: projection)
        let handled = kinds.filter(\.handled).reduce(0) { $0 + $1.events }
        return RebuildPlanDocument(
            schema: RebuildPlanDocument.schema, plannedAt: now(), projection: projection.name,
            events: rest + (base?.events ?? 0), base: base?.events, handled: handled,
            kinds: kinds.sorted { ($1.events, $0.type) < ($0.events, $1.type) },
            obstacles: obstacles, rows: size.rows, bytes: size.bytes,
            sampled: sample.events, seconds: sample.perEvent * Double(rest),
            secondsAtMost: sample.slowestPerEvent * Double(rest) * 2, memory: memory(for: handled, sample),
            bases: try bases(of: projection))
    }

    /// Those that a rebuild would refuse say why.
    private func bases(of projection: any Projection.Type) throws -> [RebuildPlanDocument.Base] {
        let bases = databases.bases(ofProjection: projection.name)
        let readers = try partitions.map { try log.reader($0) }
        return try bases.all().map { base in
            do {
                try BaseCheck(base, of: projection, log: log.identity, readers: readers).certificateFits()
                return RebuildPlanDocument.Base(base, problem: nil)
            } catch let problem as ReaderFailure {
                return RebuildPlanDocument.Base(base, problem: "\(problem)")
            }
        } + bases.unreadable().map(RebuildPlanDocument.Base.init(unreadable:))
    }

    /// Events of each type that a rebuild reads.
    private func counts(after base: ProjectionBase?) throws -> [String: UInt64] {
        var counts: [String: UInt64] = [:]
        for partition in partitions {
            let reader = try log.reader(partition)
            counts.merge(try reader.counts(through: reader.head().position), uniquingKeysWith: +)
        }
        for part in base?.certificate.partitions ?? [] where partitions.contains(part.partition) {
            let held = try log.reader(part.partition).counts(through: part.position)
            counts.merge(held) { $0 - min($0, $1) }
        }
        return counts.filter { $0.value > 0 }
    }

    private func obstacles(among types: Set<String>) throws -> [RebuildPlanDocument.Obstacle] {
        var found: [EventKind: UInt64] = [:]
        for partition in partitions {
            for kind in try log.reader(partition).kinds() where types.contains(kind.kind.type) {
                found[kind.kind, default: 0] += kind.count
            }
        }
        return found.sorted { $0.key < $1.key }.compactMap { kind, count in
            upcasters.obstacle(to: kind).map {
                RebuildPlanDocument.Obstacle(kind: "\(kind)", events: count, reason: $0)
            }
        }
    }

    private func size(of projection: any Projection.Type) throws -> (rows: UInt64, bytes: UInt64) {
        guard let path = try databases.path(ofProjection: projection.name) else { return (0, 0) }
        let rows = try databases.read(projection: projection.name) { database in
            try projection.tables.filter { $0.kind == .rows }.reduce(UInt64(0)) { sum, table in
                guard try database.has(table.name) else { return sum }
                return sum + UInt64(try database.rows("SELECT count(*) FROM \(table.name)").rows[0][0].integer ?? 0)
            }
        }
        let bytes = try FileManager.default.attributesOfItem(atPath: path)[.size] as? UInt64
        return (rows ?? 0, bytes ?? 0)
    }

    /// This process has decoded and applied, too; a rebuild has the events of two transactions in memory besides.
    private func memory(for events: UInt64, _ sample: Sample) -> UInt64 {
        guard sample.events > 0 else { return PeakMemory.bytes }
        let inTransaction = min(events, UInt64(Rebuilder.Options().transactionMax))
        return PeakMemory.bytes + 2 * inTransaction * (sample.bytes / sample.events)
    }

    private struct Sample {
        /// Applied.
        var events: UInt64 = 0
        /// Applied and passed by.
        var passed: UInt64 = 0
        /// As the log keeps them.
        var bytes: UInt64 = 0
        var perEvent = 0.0
        var slowestPerEvent = 0.0
    }

    private static let sampleTime = Duration.seconds(1)
    private static let samplePage = 2000

    /// Where something cannot be read, up to there.
    private func sample(_ projection: any Projection.Type, isReadable: Bool) throws -> Sample {
        let clock = ContinuousClock()
        let begin = clock.now
        let store = try ProjectionStore(projection, path: nil, logID: log.identity.id, codec: codec)
        if let live = try databases.path(ofProjection: projection.name) { try store.adopt(from: live, crashes: true) }
        var sample = Sample()
        var isAtEnd = false
        while !isAtEnd, clock.now - begin < Self.sampleTime {
            isAtEnd = true
            for partition in partitions where clock.now - begin < Self.sampleTime {
                let start = clock.now
                do {
                    guard let (events, passed) = try step(store, partition, &sample) else { continue }
                    isAtEnd = false
                    // A page of a few events says nothing of many.
                    guard events == Self.samplePage else { continue }
                    let perEvent = (clock.now - start) / .seconds(1) / Double(passed)
                    sample.slowestPerEvent = max(sample.slowestPerEvent, perEvent)
                } catch  where !isReadable && error is ReaderFailure {
                    isAtEnd = true
                    break
                }
            }
        }
        let took = (clock.now - begin) / .seconds(1)
        try store.close()
        guard sample.passed > 0 else { return sample }
        sample.perEvent = took / Double(sample.passed)
        sample.slowestPerEvent = max(sample.slowestPerEvent, sample.perEvent)
        return sample
    }

    /// One page of one partition, read as a rebuild reads it. Returns how many events were applied and how many the log has there;
    /// nil at the head.
    private func step(
        _ store: ProjectionStore, _ partition: PartitionID, _ sample: inout Sample
    ) throws -> (events: Int, passed: UInt64)? {
        let reader = try log.reader(partition)
        let head = try reader.head().position
        let before = store.progress(partition).position
        guard before < head else { return nil }
        let types = try reader.fewTypes(for: store, through: head)
        let stretch = try reader.stretch(types, after: before, through: head, limit: Self.samplePage)
        try store.transaction { try store.apply(stretch, isWhole: types == nil, of: partition) }
        sample.events += UInt64(stretch.events.count)
        sample.bytes += UInt64(stretch.events.bytes.count)
        let passed = stretch.through.rawValue - before.rawValue
        sample.passed += passed
        return (stretch.events.count, passed)
    }
}
