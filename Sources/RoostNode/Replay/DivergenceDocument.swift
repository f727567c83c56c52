import RoostCore
package import RoostTrace

/// One row that differs, and why: a part of `roost.rebuild-result/1` and of `roost.rebuild/1`. Values are texts, cut where they
/// are long.
package struct RowDifferenceDocument: Codable, Hashable, Sendable {
    package let table: String
    /// The values of the key, joined by commas.
    package let key: String
    /// The columns that differ, or all where there is no such row on one side.
    package let columns: [String]
    /// The live values of these columns; empty where there is no live row.
    package let live: [String]
    package let rebuilt: [String]
    /// As that of the parting that the row shows.
    package let cause: String
    /// The first event of that parting.
    @Explicit package private(set) var eventID: String?
    /// What it is, as in `OrderPaid order/1 #2`.
    @Explicit package private(set) var event: String?
    /// The same columns just before that event and just after it, as the log makes them; empty where there was no row.
    package let before: [String]
    package let after: [String]

    package init(_ row: DivergenceExplanation.Row) {
        let difference = row.difference
        let differing = difference.columns.indices.filter { index in
            difference.live == nil || difference.rebuilt == nil || difference.live?[index] != difference.rebuilt?[index]
        }
        func texts(_ values: [SQLValue]?) -> [String] {
            values.map { all in differing.map { Self.text(all[$0]) } } ?? []
        }
        table = difference.table
        key = difference.key.map(Self.text).joined(separator: ",")
        columns = differing.map { difference.columns[$0] }
        live = texts(difference.live)
        rebuilt = texts(difference.rebuilt)
        cause = row.cause
        before = texts(row.before)
        after = texts(row.after)
        _eventID = Explicit(wrappedValue: row.event?.event.eventID.description)
        _event = Explicit(wrappedValue: row.event.map { PartingDocument.words($0.event) })
    }

    /// Bytes of a value that are shown.
    private static let shownMax = 200

    private static func text(_ value: SQLValue) -> String {
        let text = whole(value)
        guard text.utf8.count > shownMax else { return text }
        return String(decoding: text.utf8.prefix(shownMax), as: UTF8.self) + "… (\(text.utf8.count) bytes)"
    }

    private static func whole(_ value: SQLValue) -> String {
        switch value {
        case .null: "null"
        case .integer(let number): "\(number)"
        case .real(let number): "\(number)"
        case .text(let text): text
        case .blob(let bytes): Hexadecimal.text(bytes)
        }
    }
}

/// One place where a live projection and one made again part: a part of `roost.rebuild-result/1` and of `roost.rebuild/1`.
package struct PartingDocument: Codable, Hashable, Sendable {
    /// `missed`, `parked`, `appliedTwice`, `orderDependent`, `nonDeterministic`, `handEdited`, `codeChanged` or `unknown`.
    package let cause: String
    /// The batch of the live projection after which the two are not the same any more; null where it is about none.
    @Explicit package private(set) var batch: UInt64?
    /// The last positions at which they were the same, by partition, and those after that batch.
    package let after: [Place]
    package let through: [Place]
    /// The build that has applied the batch, as in certificates.
    @Explicit package private(set) var build: String?
    /// The events that are the cause, in their order: at most 100 of them.
    package let events: [Event]
    /// How many they are.
    package let count: Int
    /// Why it could not be found out, where it is `unknown` for that.
    @Explicit package private(set) var reason: String?

    package struct Place: Codable, Hashable, Sendable {
        package let partition: UInt32
        package let position: UInt64
    }

    package struct Event: Codable, Hashable, Sendable {
        package let eventID: String
        package let partition: UInt32
        package let position: UInt64
        /// As in `OrderPaid order/1 #2`.
        package let event: String
    }

    package init(_ parting: DivergenceExplanation.Parting) {
        cause = parting.cause
        after = parting.stretch.map { Self.places($0.after) } ?? []
        through = parting.stretch.map { Self.places($0.through) } ?? []
        count = parting.events.count
        _reason = Explicit(wrappedValue: parting.reason)
        events = parting.events.prefix(Self.shownMax).map {
            Event(
                eventID: $0.event.eventID.description, partition: $0.partition.rawValue,
                position: $0.event.position.rawValue, event: Self.words($0.event))
        }
        _batch = Explicit(wrappedValue: parting.stretch?.batch)
        _build = Explicit(wrappedValue: parting.stretch?.build)
    }

    private static let shownMax = 100

    /// Events between the two vectors.
    package var size: UInt64 {
        let start = Dictionary(after.map { ($0.partition, $0.position) }, uniquingKeysWith: max)
        return through.reduce(0) { $0 + $1.position - (start[$1.partition] ?? 0) }
    }

    private static func places(_ vector: [PartitionID: Position]) -> [Place] {
        vector.sorted { $0.key < $1.key }.map { Place(partition: $0.key.rawValue, position: $0.value.rawValue) }
    }

    fileprivate static func words(_ event: RecordedEvent) -> String {
        "\(event.type) \(event.stream) #\(event.version)"
    }
}
