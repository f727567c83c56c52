import RoostCore
import RoostLog
import Synchronization

/// Counts the events that are applied to find out why rows differ, for whoever waits.
final class DivergenceEffort: Sendable {
    private let applied = Atomic<UInt64>(0)
    private let report: @Sendable (_ applied: UInt64) -> Void

    init(report: @escaping @Sendable (_ applied: UInt64) -> Void) { self.report = report }

    /// Says so whenever many have come together.
    func add(_ events: Int) {
        let (before, now) = applied.add(UInt64(events), ordering: .relaxed)
        if before / Self.reportedEvery != now / Self.reportedEvery { report(now) }
    }

    private static let reportedEvery: UInt64 = 10_000
}

/// Folds of the log in memory, with changes.
struct DivergenceFold {
    /// An event and where it stands.
    struct Item {
        let partition: PartitionID
        let event: RecordedEvent

        var place: EventPlace { EventPlace(partition: partition, position: event.position) }
    }

    private static let pageMax = 10_000
    /// Events that are held in memory, in bytes.
    private static let bytesMax = 256 << 20

    private let projection: any Projection.Type
    private let log: LogID
    private let readers: [any PartitionReader]
    private let codec: PayloadCodec
    /// The database whose discarded and deadly events are left out here, too.
    private let like: String
    private let parking: ParkingSettings
    let effort: DivergenceEffort

    init(
        _ projection: any Projection.Type, log: LogID, readers: [any PartitionReader], codec: PayloadCodec,
        streamsMax: Int, like: String, effort: DivergenceEffort
    ) {
        self.effort = effort
        var parking = ParkingSettings.careful
        parking.streamsMax = streamsMax
        self.parking = parking
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
            projection, path: nil, logID: log, codec: codec, parking: parking, build: "")
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
                for event in page {
                    try Self.take(Item(partition: reader.partition, event: event), store, change)
                }
            }
            effort.add(page.count)
        }
    }

    /// All events between two positions of each partition, in the order of partitions.
    func events(after: [PartitionID: Position], through: [PartitionID: Position]) throws -> [Item] {
        var (items, bytes): ([Item], Int) = ([], 0)
        for reader in readers {
            let end = through[reader.partition] ?? .start
            var position = after[reader.partition] ?? .start
            while position < end {
                let page = try page(reader, after: position, through: end)
                bytes += page.bytes.count
                guard bytes <= Self.bytesMax else { throw DivergenceExperiments.TooMuch() }
                items += page.map { Item(partition: reader.partition, event: $0) }
                position = page.last?.position ?? end
            }
        }
        return items
    }

    /// The events at some places, in order.
    func events(at places: some Sequence<EventPlace>) throws -> [Item] {
        try places.sorted { ($0.partition, $0.position) < ($1.partition, $1.position) }.compactMap { place in
            let reader = readers.first { $0.partition == place.partition }
            let page = try reader?.events(after: Position(place.position.rawValue - 1), limit: 1)
            return page?.first.map { Item(partition: place.partition, event: $0) }
        }
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
    static func take(_ item: Item, _ store: ProjectionStore, _ change: Divergence.Change) throws {
        guard !change.leftOut.contains(item.place) else { return store.miss(item.event, of: item.partition) }
        _ = try store.take(item.event, of: item.partition)
        if change.twice.contains(item.place) { try store.applyAgain(item.event, of: item.partition) }
    }
}
