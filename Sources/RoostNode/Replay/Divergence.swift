import RoostCore
import RoostLog

/// Why a live row is not what the log makes of it: the log is folded again and again, with one event left out, one taken twice,
/// or partitions in another order, until the live row comes out.
///
/// An experiment counts when it gives the live row, and whatever else it changes is as it is live, too; that none does leaves a
/// hand, or other code.
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
        /// No event, no order and no repetition makes what is live: somebody changed it, or other code made it.
        case handEdited
        /// The log is too long, or too many events made the row, for experiments.
        case unknown
    }

    struct Finding: Sendable {
        let cause: Cause
        var event: (partition: PartitionID, event: RecordedEvent)?
    }

    /// Rows that differ, of which at most so many are known.
    static let comparedMax = 1000
    /// Events that are applied for one row, over all experiments.
    private static let appliedMax: UInt64 = 20_000_000
    private static let pageMax = 10_000

    private let projection: any Projection.Type
    private let log: LogID
    private let readers: [any PartitionReader]
    private let codec: PayloadCodec
    private let vector: [PartitionID: Position]
    private let known: [RowKey: RowDifference]
    /// The database whose discarded and deadly events are left out here, too.
    private let like: String

    /// Both projections stood at `vector` when they were compared; `known` are all rows that differed.
    init(
        _ projection: any Projection.Type, log: LogID, readers: [any PartitionReader], codec: PayloadCodec,
        vector: [PartitionID: Position], known: [RowDifference], like: String
    ) {
        self.projection = projection
        self.log = log
        self.readers = readers.sorted { $0.partition < $1.partition }
        self.codec = codec
        self.vector = vector
        self.like = like
        self.known = Dictionary(known.map { (RowKey($0), $0) }, uniquingKeysWith: { first, _ in first })
    }

    private struct RowKey: Hashable {
        let table: String
        let key: [SQLValue]

        init(_ difference: RowDifference) {
            table = difference.table
            key = difference.key
        }
    }

    /// What is done to the one event that an experiment is about.
    private enum Change {
        case none
        case leaveOut(EventID)
        case takeTwice(EventID)
    }

    /// An event that changed the row.
    private struct Maker {
        let partition: PartitionID
        let position: Position
        let id: EventID
    }

    /// `rebuilt` is the projection made again, at the vector.
    func cause(of difference: RowDifference, rebuilt: ProjectionStore) throws -> Finding {
        let events = max(1, vector.values.reduce(0) { $0 + $1.rawValue })
        // Two folds are needed in any case, and one for each order of partitions.
        let folds = Self.appliedMax / events
        guard folds > UInt64(readers.count) + 2 else { return Finding(cause: .unknown) }
        let makersMax = Int((folds - UInt64(readers.count) - 2) / 2)
        var makers: [Maker] = []
        let row = try fold(difference, readers, .none) { partition, event in
            guard makers.count <= makersMax else { return }
            makers.append(Maker(partition: partition, position: event.position, id: event.eventID))
        }
        if try fold(difference, readers, .none) != row { return Finding(cause: .nonDeterministic) }
        // The rebuild has read partitions in turns, the fold one after the other.
        if row == difference.live || row != difference.rebuilt { return Finding(cause: .orderDependent) }
        guard makers.count <= makersMax else { return Finding(cause: .unknown) }
        for maker in makers.reversed() {
            for (change, cause) in [(Change.leaveOut(maker.id), Cause.missed), (.takeTwice(maker.id), .appliedTwice)]
            where try explains(difference, readers, change, rebuilt) {
                return Finding(cause: cause, event: try event(of: maker))
            }
        }
        for order in otherOrders where try explains(difference, order, .none, rebuilt) {
            return Finding(cause: .orderDependent)
        }
        return Finding(cause: .handEdited)
    }

    private func event(of maker: Maker) throws -> (partition: PartitionID, event: RecordedEvent)? {
        let reader = readers.first { $0.partition == maker.partition }
        return try reader?.event(at: maker.position).map { (maker.partition, $0) }
    }

    /// Whether an experiment gives the live row, and every other row that it changes is as it is live.
    private func explains(
        _ difference: RowDifference, _ order: [any PartitionReader], _ change: Change, _ rebuilt: ProjectionStore
    ) throws -> Bool {
        var isAsLive = true
        do {
            let row = try fold(
                difference, order, change,
                atEnd: { store, row in
                    guard row == difference.live else { return }
                    let changed = try RowComparison.differences(
                        of: projection, left: { try store.table($0) }, right: { try rebuilt.table($0) },
                        limit: Self.comparedMax)
                    isAsLive = changed.allSatisfy { known[RowKey($0)].map(\.live) == .some($0.live) }
                })
            return row == difference.live && isAsLive
        } catch is ReaderFailure {
            // No projection can have applied it so.
            return false
        }
    }

    /// Backwards, and each partition as the last one.
    private var otherOrders: [[any PartitionReader]] {
        [Array(readers.reversed())]
            + readers.indices.dropLast().map { last in
                readers.indices.filter { $0 != last }.map { readers[$0] } + [readers[last]]
            }
    }

    /// The row as a fold makes it; `onMaker` gets each event that changed it, `atEnd` what was made.
    private func fold(
        _ difference: RowDifference, _ order: [any PartitionReader], _ change: Change,
        onMaker: (PartitionID, RecordedEvent) -> Void = { _, _ in },
        atEnd: (ProjectionStore, [SQLValue]?) throws -> Void = { _, _ in }
    ) throws -> [SQLValue]? {
        let store = try ProjectionStore(projection, path: nil, logID: log, codec: codec, parking: .careful)
        do {
            try store.adopt(from: like, crashes: true)
            var row: [SQLValue]?
            for reader in order { try fold(reader, into: store, difference, change, &row, onMaker) }
            try atEnd(store, row)
            try store.close()
            return row
        } catch {
            try store.close()
            throw error
        }
    }

    private func fold(
        _ reader: any PartitionReader, into store: ProjectionStore, _ difference: RowDifference, _ change: Change,
        _ row: inout [SQLValue]?, _ onMaker: (PartitionID, RecordedEvent) -> Void
    ) throws {
        guard let table = projection.tables.first(where: { $0.name == difference.table }) else { return }
        let sql = "SELECT * FROM \(table.name) WHERE " + table.key.map { "\($0) IS ?" }.joined(separator: " AND ")
        let end = vector[reader.partition] ?? .start
        while store.progress(reader.partition).position < end {
            try Task.checkCancellation()
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
