package import RoostCore
package import RoostLog

/// Where a rebuild gets its events: the log itself, or a replay node that reads it for others.
package protocol PageSource: Sendable {
    /// Up to `limit` events of a partition after a position, in order, and how far that is; of some types, or of all.
    func events(
        of partition: PartitionID, types: Set<String>?, after position: Position, through end: Position, limit: Int
    ) async throws -> EventStretch
}

/// Reads the log directly.
package struct LogPageSource: PageSource {
    private let readers: [PartitionID: any PartitionReader]

    package init(_ readers: [any PartitionReader]) {
        self.readers = Dictionary(uniqueKeysWithValues: readers.map { ($0.partition, $0) })
    }

    package func events(
        of partition: PartitionID, types: Set<String>?, after position: Position, through end: Position, limit: Int
    ) async throws -> EventStretch {
        guard let reader = readers[partition] else {
            throw EventLogError(.missing, "the log has no partition \(partition)")
        }
        return try reader.stretch(types, after: position, through: end, limit: limit)
    }
}

extension PartitionReader {
    /// The types to read by where a projection handles few of the events; nil to read all.
    package func fewTypes(for store: ProjectionStore, through end: Position) throws -> Set<String>? {
        guard let types = store.storedTypes else { return nil }
        return try count(ofTypes: types, through: end) <= end.rawValue / 2 ? types : nil
    }

    /// How many events of some types there are up to a position.
    func count(ofTypes types: Set<String>, through position: Position) throws(EventLogError) -> UInt64 {
        let counts = try counts(through: position)
        return types.reduce(0) { $0 + (counts[$1] ?? 0) }
    }

    /// Events of some types, or of all.
    package func stretch(
        _ types: Set<String>?, after position: Position, through end: Position, limit: Int
    ) throws(EventLogError) -> EventStretch {
        if let types { return try events(ofTypes: types, after: position, through: end, limit: limit) }
        let rest = Int(clamping: end.rawValue - min(position, end).rawValue)
        guard rest > 0 else { return EventStretch(events: .empty, through: position) }
        let page = try events(after: position, limit: min(limit, rest))
        return EventStretch(events: page, through: page.last?.position ?? position)
    }
}
