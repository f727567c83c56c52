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
        let isLive = heads.unreadable.isEmpty && rows.allSatisfy { $0.pending == 0 }
        let state = resting[name] ?? (progress == nil ? "absent" : isLive ? "live" : "catchingUp")
        return ProjectionsDocument.Reader(
            name: name, kind: kind, state: state, balanced: rows.allSatisfy(\.balances), partitions: rows)
    }

    /// `filtered` comes from the log's own counts, never by subtraction: so a skipped event cannot hide in it.
    private func row(
        _ partition: PartitionID, _ head: Position, _ progress: Progress, types: HandledTypes
    ) throws -> ProjectionsDocument.Partition {
        let counts = try log.reader(partition).counts(through: progress.position)
        let filtered = counts.filter { !types.contains($0.key) }.values.reduce(0, +)
        // The reader may have passed the head that was read before it.
        let position = progress.position.rawValue
        let head = max(head.rawValue, position)
        return ProjectionsDocument.Partition(
            partition: partition, head: head, position: position, applied: progress.applied, filtered: filtered,
            parked: progress.parked, discarded: progress.discarded, pending: head - position)
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
