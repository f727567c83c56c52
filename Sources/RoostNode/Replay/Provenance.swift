package import RoostCore
package import RoostLog

/// Which events made a row what it is: the projection is folded once more, in memory, and the row is looked at after each
/// event that the projection handles. The live one is not touched.
///
/// Events of different partitions come in the order of their recorded times, those of one partition in its own.
package struct Provenance {
    /// What one event did to the row.
    package struct Change: Sendable {
        package let partition: PartitionID
        package let event: RecordedEvent
        /// In the order of the columns; nil where there was no row.
        package let before: [SQLValue]?
        /// nil where there is none any more.
        package let after: [SQLValue]?
    }

    private static let pageMax = 2000
    private let projection: any Projection.Type
    private let log: any EventLog
    private let codec: PayloadCodec
    private let live: String?

    /// `live` is the projection's database: what it has discarded, or dies at, is left out here, too.
    package init(_ projection: any Projection.Type, log: any EventLog, codec: PayloadCodec, live: String? = nil) {
        self.live = live
        self.projection = projection
        self.log = log
        self.codec = codec
    }

    /// Every change of the row of a table with this key. `report` gets the events done so far.
    package func changes(
        of table: TableDefinition, key: [String], report: (UInt64) -> Void
    ) throws -> (columns: [String], changes: [Change]) {
        let store = try ProjectionStore(
            projection, path: nil, logID: log.identity.id, codec: codec, parking: .careful)
        if let live { try store.adopt(from: live, crashes: true) }
        var merge = try RecordedOrder(log, pageMax: Self.pageMax)
        var row: [SQLValue]?
        var changes: [Change] = []
        var done: UInt64 = 0
        let sql = "SELECT * FROM \(table.name) WHERE " + table.key.map { "\($0) = ?" }.joined(separator: " AND ")
        let values = key.map { SQLValue.text($0) }
        var isAtEnd = false
        while !isAtEnd {
            try store.transaction {
                for _ in 0..<Self.pageMax {
                    guard let (partition, event) = try merge.next() else {
                        isAtEnd = true
                        return
                    }
                    done += 1
                    guard try store.take(event, of: partition) else { continue }
                    let now = try store.row(sql, values)
                    if now != row {
                        changes.append(Change(partition: partition, event: event, before: row, after: now))
                    }
                    row = now
                }
            }
            report(done)
        }
        let columns = try store.columns(of: table)
        try store.close()
        return (columns, changes)
    }
}

/// The events of all partitions, up to their heads as they were at the beginning, in the order of their recorded times.
private struct RecordedOrder {
    private struct Source {
        let reader: any PartitionReader
        let head: Position
        var page: EventPage = .empty
        var index = 0
        var position = Position.start
    }

    private var sources: [Source]
    private let pageMax: Int

    init(_ log: any EventLog, pageMax: Int) throws {
        self.pageMax = pageMax
        sources = try log.identity.placement.partitions.map { partition in
            let reader = try log.reader(partition)
            return Source(reader: reader, head: try reader.head().position)
        }
        for index in sources.indices { try fill(index) }
    }

    mutating func next() throws -> (PartitionID, RecordedEvent)? {
        var earliest: (index: Int, event: RecordedEvent)?
        for (index, source) in sources.enumerated() where source.index < source.page.count {
            let event = source.page[source.index]
            if let known = earliest, known.event.recorded <= event.recorded { continue }
            earliest = (index, event)
        }
        guard let (index, event) = earliest else { return nil }
        sources[index].index += 1
        sources[index].position = event.position
        if sources[index].index == sources[index].page.count { try fill(index) }
        return (sources[index].reader.partition, event)
    }

    private mutating func fill(_ index: Int) throws {
        let (position, head) = (sources[index].position, sources[index].head)
        let limit = min(UInt64(pageMax), head.rawValue - min(position.rawValue, head.rawValue))
        sources[index].index = 0
        sources[index].page =
            limit == 0 ? .empty : try sources[index].reader.events(after: position, limit: Int(limit))
    }
}
