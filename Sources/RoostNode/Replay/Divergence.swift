import RoostCore
import RoostLog

/// Why a live row is not what the log makes of it: the log is folded again and again, with one event left out, one taken twice,
/// or partitions in another order, until the live row comes out.
///
/// An experiment counts when it gives the live row and makes nothing else differ from the live projection; that none does
/// leaves a hand, or other code.
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

    /// Events that are applied for one row, over all experiments.
    private static let appliedMax: UInt64 = 20_000_000
    /// Rows that are compared after an experiment.
    static let comparedMax = 1000
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

    /// A row of a table.
    struct RowKey: Hashable {
        let table: String
        let key: [SQLValue]

        init(_ difference: RowDifference) {
            table = difference.table
            key = difference.key
        }
    }

    /// `known` are all rows that differ; `live` reads the live projection as it was then.
    func cause(
        of difference: RowDifference, known: Set<RowKey>, live: (String) throws -> [[SQLValue]]
    ) throws -> Finding {
        var makers: [(partition: PartitionID, event: RecordedEvent)] = []
        let row = try fold(difference, readers, .none, onMaker: { makers.append(($0, $1)) })
        if try fold(difference, readers, .none) != row { return Finding(cause: .nonDeterministic, event: nil) }
        let folds = UInt64(makers.count * 2 + readers.count)
        guard folds * vector.values.reduce(0, { $0 + $1.rawValue }) <= Self.appliedMax else {
            return Finding(cause: .unknown, event: nil)
        }
        for maker in makers.reversed() {
            let id = maker.event.eventID
            for (change, cause) in [(Change.leaveOut(id), Cause.missed), (.takeTwice(id), .appliedTwice)]
            where try explains(difference, readers, change, known, live) { return Finding(cause: cause, event: maker) }
        }
        for order in otherOrders where try explains(difference, order, .none, known, live) {
            return Finding(cause: .orderDependent, event: nil)
        }
        return Finding(cause: .handEdited, event: nil)
    }

    /// Whether an experiment gives the live row, and no row that was equal differs after it.
    private func explains(
        _ difference: RowDifference, _ order: [any PartitionReader], _ change: Change, _ known: Set<RowKey>,
        _ live: (String) throws -> [[SQLValue]]
    ) throws -> Bool {
        var isNew = false
        do {
            let row = try fold(
                difference, order, change,
                atEnd: { store, row in
                    guard row == difference.live else { return }
                    let left = try Self.differences(projection, live: live, store, limit: Self.comparedMax)
                    isNew = left.contains { !known.contains(RowKey($0)) }
                })
            return row == difference.live && !isNew
        } catch is ReaderFailure {
            // A handler that does not take it so would have stopped the live projection as well.
            return false
        }
    }

    /// The first rows that a projection made in memory or beside does not share with the live one.
    static func differences(
        _ projection: any Projection.Type, live: (String) throws -> [[SQLValue]], _ store: ProjectionStore, limit: Int
    ) throws -> [RowDifference] {
        var found: [RowDifference] = []
        for table in projection.tables where table.kind == .rows && found.count < limit {
            let columns = try store.columns(of: table)
            found += try RowComparison(table, columns: columns).differences(
                live: live, rebuilt: { try store.rows($0) }, limit: limit - found.count)
        }
        return found
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
        try atEnd(store, row)
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
