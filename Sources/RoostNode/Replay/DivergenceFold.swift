import RoostCore
import RoostLog

/// Folds of the log in memory, with changes.
struct DivergenceFold {
    private static let pageMax = 10_000

    private let projection: any Projection.Type
    private let log: LogID
    private let readers: [any PartitionReader]
    private let codec: PayloadCodec
    /// The database whose discarded and deadly events are left out here, too.
    private let like: String

    init(
        _ projection: any Projection.Type, log: LogID, readers: [any PartitionReader], codec: PayloadCodec, like: String
    ) {
        self.projection = projection
        self.log = log
        self.readers = readers.sorted { $0.partition < $1.partition }
        self.codec = codec
        self.like = like
    }

    var partitions: [PartitionID] { readers.map(\.partition) }

    /// Goes from one vector to the next; `onVector` sees the store at each, `atEnd` at the last.
    func walk(
        _ vectors: [[PartitionID: Position]], _ change: Divergence.Change,
        onVector: (Int, ProjectionStore) throws -> Void, atEnd: (ProjectionStore) throws -> Void = { _ in }
    ) throws {
        let store = try ProjectionStore(
            projection, path: nil, logID: log, codec: codec, parking: .careful, build: "")
        do {
            try store.adopt(from: like, crashes: true)
            for (index, vector) in vectors.enumerated() {
                for reader in readers { try advance(store, reader, to: vector[reader.partition] ?? .start, change) }
                try onVector(index, store)
            }
            try atEnd(store)
            try store.close()
        } catch {
            try store.close()
            throw error
        }
    }

    private func advance(
        _ store: ProjectionStore, _ reader: any PartitionReader, to end: Position, _ change: Divergence.Change
    ) throws {
        while store.progress(reader.partition).position < end {
            try Task.checkCancellation()
            let page = try page(reader, after: store.progress(reader.partition).position, through: end)
            try store.transaction {
                for event in page { try Self.take(event, of: reader.partition, store, change) }
            }
        }
    }

    /// All events between two positions of each partition, in the order of partitions.
    func events(
        after: [PartitionID: Position], through: [PartitionID: Position]
    ) throws -> [(partition: PartitionID, event: RecordedEvent)] {
        var events: [(partition: PartitionID, event: RecordedEvent)] = []
        for reader in readers {
            let end = through[reader.partition] ?? .start
            var position = after[reader.partition] ?? .start
            while position < end {
                let page = try page(reader, after: position, through: end)
                events += page.map { (reader.partition, $0) }
                position = page.last?.position ?? end
            }
        }
        return events
    }

    private func page(
        _ reader: any PartitionReader, after position: Position, through end: Position
    ) throws -> EventPage {
        let limit = Int(min(UInt64(Self.pageMax), end.rawValue - position.rawValue))
        let page = try reader.events(after: position, limit: limit)
        guard !page.isEmpty else { throw ReaderFailure("the log has lost position \(position.next)") }
        return page
    }

    /// The table of a projection by its name.
    func table(_ name: String) -> TableDefinition? { projection.tables.first { $0.name == name } }

    /// Inside a transaction of the store only.
    static func take(
        _ event: RecordedEvent, of partition: PartitionID, _ store: ProjectionStore, _ change: Divergence.Change
    ) throws {
        guard !change.leftOut.contains(event.eventID) else { return store.miss(event, of: partition) }
        _ = try store.take(event, of: partition)
        if change.twice.contains(event.eventID) { try store.applyAgain(event, of: partition) }
    }
}
