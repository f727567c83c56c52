package import RoostCore
import RoostLog
import RoostNode

extension ClusterClient {
    /// The snapshots of all partitions by stream, at most `limit` of them; or that of one stream.
    package func snapshots(of stream: StreamName? = nil, limit: Int) throws -> SnapshotsDocument {
        let kinds = AggregateKind.byCategory(domain)
        if let stream, log.identity.placement.partition(of: stream) == nil { throw unknownCategory(stream) }
        let rows = try partitions.flatMap { try databases.snapshots(of: $0) }
            .filter { stream == nil || $0.stream == stream }
            .sorted { $0.stream.description < $1.stream.description }
        let entries = try rows.prefix(limit).map { row in
            SnapshotsDocument.Entry(
                row, newest: try log.reader(of: row.stream).version(of: row.stream),
                isUsable: kinds[row.stream.category]?.foldIdentity == row.fold)
        }
        return SnapshotsDocument(
            policies: domain.aggregates.map { Self.policy($0) }, count: rows.count, snapshots: entries)
    }

    private static func policy<A: Aggregate>(_ type: A.Type) -> SnapshotsDocument.Policy {
        SnapshotsDocument.Policy(
            category: A.category, every: A.snapshotEvery, foldRevision: A.foldRevision,
            withoutSample: FoldIdentity.kindsWithoutSample(A.self))
    }
}
