package import RoostCore
package import RoostLog

/// Reads many chains at once from the log, at the places that the index names, and in what came after the index.
package struct ChainReader: Sendable {
    private let index: TraceIndexReader
    private let readers: [any PartitionReader]

    package init(index: TraceIndexReader, readers: [any PartitionReader]) {
        self.index = index
        self.readers = readers
    }

    /// All events of these chains, in order of partitions. nil while there is no index, or one that is of another log or far
    /// behind.
    package func chains(_ ids: [CorrelationID]) throws -> [CorrelationID: ChainCheck.Events]? {
        guard let places = index.places(of: ids) else { return nil }
        var chains: [CorrelationID: ChainCheck.Events] = [:]
        for reader in readers {
            let partition = reader.partition
            guard let tail = try reader.tail(after: places.progress[partition] ?? Progress()) else { return nil }
            let newer = Dictionary(grouping: tail, by: \.correlationID)
            for id in ids {
                let indexed = try (places.positions[id]?[partition] ?? []).compactMap { try reader.event(at: $0) }
                chains[id, default: []] += (indexed + (newer[id] ?? [])).map { (partition, $0) }
            }
        }
        return chains
    }
}
