package import RoostCore
import RoostLog
import RoostNode

extension ClusterClient {
    /// The snapshots of all partitions by stream, at most `limit` of them; or that of one stream.
    package func snapshots(of stream: StreamName? = nil, limit: Int) throws -> SnapshotsDocument {
        let kinds = AggregateKind.byCategory(domain)
        if let stream, log.identity.placement.partition(of: stream) == nil { throw unknownCategory(stream) }
        let rows = try partitions.flatMap { try databases.snapshots(of: $0) }
            .filter { stream == nil || $0.snapshot.stream == stream }
            .sorted { $0.snapshot.stream.description < $1.snapshot.stream.description }
        let entries = try rows.prefix(limit).map { row in
            let name = row.snapshot.stream
            return SnapshotsDocument.Entry(
                row, newest: try log.reader(of: name).version(of: name),
                isUsable: kinds[name.category]?.foldIdentity == row.snapshot.fold)
        }
        return SnapshotsDocument(
            policies: domain.aggregates.map { Self.policy($0) }, count: rows.count, snapshots: entries)
    }

    private static func policy<A: Aggregate>(_ type: A.Type) -> SnapshotsDocument.Policy {
        SnapshotsDocument.Policy(category: A.category, every: A.snapshotEvery, foldRevision: A.foldRevision)
    }
}
