package import RoostCore
import RoostLog
package import RoostTrace

extension ClusterClient {
    /// An event and the partition that holds it.
    package struct Located: Sendable {
        package let partition: PartitionID
        package let event: RecordedEvent
    }

    /// One event by its ID.
    package func event(_ id: EventID) throws -> Located {
        let found = try gather { try $0.event(id) }
        for (partition, event) in found.values {
            if let event { return Located(partition: partition, event: event) }
        }
        throw notFound(
            "unknownEvent", "no event has the ID \(id)", hint: "roost events tail", besides: found.unreadable)
    }

    /// The newest events of all partitions, oldest first. The order across partitions is by recorded time and
    /// promises nothing.
    package func tail(limit: Int) throws -> (events: [Located], unreadable: [UnreadablePartition]) {
        let found = try gather { reader in
            let head = try reader.head().position.rawValue
            let start = Position(head > UInt64(limit) ? head - UInt64(limit) : 0)
            return try reader.events(after: start, limit: limit)
        }
        let events = found.values.flatMap { partition, page in
            page.map { Located(partition: partition, event: $0) }
        }
        return (events.sorted(by: Self.isEarlier).suffix(limit), found.unreadable)
    }

    /// The newest position of every partition that can be read: where to go on from.
    package func newestPositions() throws -> [PartitionID: Position] {
        let heads = try gather { try $0.head().position }
        return Dictionary(uniqueKeysWithValues: heads.values.map { ($0.partition, $0.value) })
    }

    /// Events recorded after the given positions, which move along. At most 1000 of each partition; a partition
    /// without a position is left out.
    package func events(after positions: inout [PartitionID: Position]) throws -> [Located] {
        var found: [Located] = []
        for (partition, position) in positions.sorted(by: { $0.key < $1.key }) {
            let page = try log.reader(partition).events(after: position, limit: 1000)
            for event in page {
                positions[partition] = event.position
                found.append(Located(partition: partition, event: event))
            }
        }
        return found.sorted(by: Self.isEarlier)
    }

    /// Events of one stream, oldest first.
    package func events(of stream: StreamName, from version: StreamVersion, limit: Int) throws -> [Located] {
        let reader = try reader(of: stream)
        var found: [Located] = []
        var next = version
        while found.count < limit {
            let page = try reader.events(of: stream, from: next, limit: min(1000, limit - found.count))
            guard let last = page.last else { break }
            found += page.map { Located(partition: reader.partition, event: $0) }
            next = last.version.next
        }
        guard !found.isEmpty else {
            throw ClientError(
                .notFound, code: "unknownStream", "stream '\(stream)' has no events from version \(version) on",
                hint: "roost events tail")
        }
        return found
    }

    private func reader(of stream: StreamName) throws -> any PartitionReader {
        guard let partition = log.identity.placement.partition(of: stream) else {
            throw unknownCategory(stream)
        }
        return try log.reader(partition)
    }

    package func unknownCategory(_ stream: StreamName) -> ClientError {
        let categories = log.identity.placement.groups.flatMap(\.categories).sorted()
        return ClientError(
            .notFound, code: "unknownCategory",
            "no partition holds the category '\(stream.category)'"
                + Suggestion.text(for: stream.category, among: categories),
            hint: "categories are: " + categories.joined(separator: ", "))
    }

    private static func isEarlier(_ left: Located, _ right: Located) -> Bool {
        (left.event.recorded, left.partition, left.event.position)
            < (right.event.recorded, right.partition, right.event.position)
    }
}
