package import RoostCore
package import RoostLog

/// Where a rebuild gets its events: the log itself, or a replay node that reads it for others.
package protocol PageSource: Sendable {
    /// Up to `limit` events of a partition after a position, in order. Empty at the head.
    func events(of partition: PartitionID, after position: Position, limit: Int) async throws -> EventPage
}

/// Reads the log directly.
package struct LogPageSource: PageSource {
    private let readers: [PartitionID: any PartitionReader]

    package init(_ readers: [any PartitionReader]) {
        self.readers = Dictionary(uniqueKeysWithValues: readers.map { ($0.partition, $0) })
    }

    package func events(of partition: PartitionID, after position: Position, limit: Int) async throws -> EventPage {
        guard let reader = readers[partition] else {
            throw EventLogError(.missing, "the log has no partition \(partition)")
        }
        return try reader.events(after: position, limit: limit)
    }
}
