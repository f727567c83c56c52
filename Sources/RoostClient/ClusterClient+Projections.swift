import RoostCore
import RoostLog
import RoostNode

extension ClusterClient {
    /// How far every projection, reactor and feed has come, by law 5.
    package func projections() throws -> ProjectionsDocument {
        let resting = try resting()
        let heads = try gather { try $0.head().position }
        var readers: [ProjectionsDocument.Reader] = []
        for projection in domain.projections {
            readers.append(
                try reader(
                    heads, projection.name, kind: "projection", types: types(of: projection),
                    progress: try databases.progress(ofProjection: projection.name), resting: resting))
        }
        for reactor in domain.reactors {
            readers.append(
                try reader(
                    heads, reactor.name, kind: "reactor", types: .named(storedTypes(reactor.routes)),
                    progress: try databases.reactor(reactor.name).progress(), resting: resting))
        }
        for feed in domain.feeds {
            readers.append(
                try reader(
                    heads, feed.name, kind: "feed", types: .named(storedTypes(feed.routes)),
                    progress: try databases.progress(ofFeed: feed.name), resting: resting))
        }
        return ProjectionsDocument(readers, unreadable: heads.unreadable)
    }

    private func types(of projection: any Projection.Type) -> HandledTypes {
        projection is any WholeLogProjection.Type ? .all : .named(storedTypes(projection.routes))
    }

    private func reader(
        _ heads: Gathered<Position>, _ name: String, kind: String, types: HandledTypes,
        progress: [PartitionID: Progress]?, resting: [String: String]
    ) throws -> ProjectionsDocument.Reader {
        let rows = try heads.values.map { partition, head in
            try row(partition, head, progress?[partition] ?? Progress(), types: types)
        }
        let isAtHeads = heads.unreadable.isEmpty && rows.allSatisfy { $0.pending == 0 }
        let isBalanced = rows.allSatisfy(\.balance.holds)
        let own = !isBalanced ? "unbalanced" : isAtHeads ? "live" : "catchingUp"
        return ProjectionsDocument.Reader(
            name: name, kind: kind, state: resting[name] ?? (progress == nil ? "absent" : own), balanced: isBalanced,
            partitions: rows)
    }

    private func row(
        _ partition: PartitionID, _ head: Position, _ progress: Progress, types: HandledTypes
    ) throws -> ProjectionsDocument.Partition {
        let balance = try Balance(of: progress, head: head, reader: log.reader(partition)) { types.contains($0) }
        return ProjectionsDocument.Partition(partition, at: progress.position, balance)
    }
}

/// The types of events that a reader does not filter.
private enum HandledTypes {
    case named(Set<String>)
    case all

    func contains(_ type: String) -> Bool {
        switch self {
        case .named(let types): types.contains(type)
        case .all: true
        }
    }
}
