import RoostCore
import RoostLog

/// Why a live row is not what the log makes of it: the log is folded again and again, with one event left out, one taken twice,
/// or partitions in another order, until the live row comes out.
///
/// What it says of one row is shown by an experiment; that no experiment gives the row leaves a hand, or other code.
struct Divergence {
    enum Cause: String, Sendable {
        /// The live row is what comes out when this event is missed.
        case missed
        /// The live row is what comes out when this event is applied twice.
        case appliedTwice
        /// The live row comes out when partitions are read in another order.
        case orderDependent
        /// Two folds of the same events do not make the same row.
        case nonDeterministic
        /// No event, no order and no repetition makes the live row: somebody changed it, or other code made it.
        case handEdited
        /// The log is too long, or too many events made the row, for experiments.
        case unknown
    }

    struct Finding: Sendable {
        let cause: Cause
        let event: (partition: PartitionID, event: RecordedEvent)?
    }

    /// Events of a log that is folded again and again.
    private static let eventsMax: UInt64 = 200_000
    /// Folds for one row.
    private static let foldsMax = 60
    private static let pageMax = 10_000

    private let projection: any Projection.Type
    private let log: LogID
    private let readers: [any PartitionReader]
    private let codec: PayloadCodec
    private let vector: [PartitionID: Position]

    /// Both projections stood at `vector` when they were compared.
    init(
        _ projection: any Projection.Type, log: LogID, readers: [any PartitionReader], codec: PayloadCodec,
        vector: [PartitionID: Position]
    ) {
        self.projection = projection
        self.log = log
        self.readers = readers.sorted { $0.partition < $1.partition }
        self.codec = codec
        self.vector = vector
    }

    /// What is done to the one event that an experiment is about.
    private enum Change {
        case none
        case leaveOut(EventID)
        case takeTwice(EventID)
    }

    func cause(of difference: RowDifference) throws -> Finding {
        guard vector.values.reduce(0, { $0 + $1.rawValue }) <= Self.eventsMax else {
            return Finding(cause: .unknown, event: nil)
        }
        var makers: [(partition: PartitionID, event: RecordedEvent)] = []
        let row = try fold(difference, readers, .none) { makers.append(($0, $1)) }
        if try fold(difference, readers, .none) != row { return Finding(cause: .nonDeterministic, event: nil) }
        guard makers.count * 2 <= Self.foldsMax else { return Finding(cause: .unknown, event: nil) }
        for maker in makers.reversed() {
            if try fold(difference, readers, .leaveOut(maker.event.eventID)) == difference.live {
                return Finding(cause: .missed, event: maker)
            }
            if try fold(difference, readers, .takeTwice(maker.event.eventID)) == difference.live {
                return Finding(cause: .appliedTwice, event: maker)
            }
        }
        for order in otherOrders where try fold(difference, order, .none) == difference.live {
            return Finding(cause: .orderDependent, event: nil)
        }
        return Finding(cause: .handEdited, event: nil)
    }

    /// Backwards, and each partition as the last one.
    private var otherOrders: [[any PartitionReader]] {
        [Array(readers.reversed())]
            + readers.indices.dropLast().map { last in
                readers.indices.filter { $0 != last }.map { readers[$0] } + [readers[last]]
            }
    }

    /// The row as a fold makes it; `onMaker` gets each event that changed it.
    private func fold(
        _ difference: RowDifference, _ order: [any PartitionReader], _ change: Change,
        onMaker: (PartitionID, RecordedEvent) -> Void = { _, _ in }
    ) throws -> [SQLValue]? {
        guard let table = projection.tables.first(where: { $0.name == difference.table }) else { return nil }
        let sql = "SELECT * FROM \(table.name) WHERE " + table.key.map { "\($0) IS ?" }.joined(separator: " AND ")
        let store = try ProjectionStore(projection, path: nil, logID: log, codec: codec)
        var row: [SQLValue]?
        for reader in order {
            let end = vector[reader.partition] ?? .start
            while store.progress(reader.partition).position < end {
                let position = store.progress(reader.partition).position
                let limit = Int(min(UInt64(Self.pageMax), end.rawValue - position.rawValue))
                let page = try reader.events(after: position, limit: limit)
                guard !page.isEmpty else { throw ReaderFailure("the log has lost position \(position.next)") }
                try store.transaction {
                    for event in page {
                        try take(event, of: reader.partition, store, change)
                        let now = try store.row(sql, difference.key)
                        if now != row { onMaker(reader.partition, event) }
                        row = now
                    }
                }
            }
        }
        try store.close()
        return row
    }

    private func take(
        _ event: RecordedEvent, of partition: PartitionID, _ store: ProjectionStore, _ change: Change
    ) throws {
        switch change {
        case .leaveOut(let id) where id == event.eventID: store.miss(event, of: partition)
        case .takeTwice(let id) where id == event.eventID:
            _ = try store.take(event, of: partition)
            try store.applyAgain(event, of: partition)
        case .none, .leaveOut, .takeTwice: _ = try store.take(event, of: partition)
        }
    }
}
