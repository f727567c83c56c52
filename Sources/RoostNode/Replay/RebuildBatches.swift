import RoostCore
import RoostLog

/// What a rebuild applies, read a transaction at a time: one partition after the other, each to its end.
struct RebuildBatches: Sendable {
    /// The way through one partition.
    struct Way: Sendable {
        let partition: PartitionID
        /// The types to read by; nil to read all.
        let types: Set<String>?
        let start: Position
        let end: Position
    }

    /// Where the next batch begins.
    struct Place: Sendable {
        var way = 0
        /// nil at the start of the way.
        var position: Position?
    }

    /// The stretches of one transaction.
    struct Batch: Sendable {
        let partition: PartitionID
        /// It holds all events, also those that the projection does not handle.
        let isWhole: Bool
        let start: Position
        var stretches: [EventStretch] = []
        var next: Place

        /// Events that are applied, and those that are passed by, which cost something, too.
        var cost: UInt64 {
            let passed = (stretches.last?.through.rawValue ?? start.rawValue) - start.rawValue
            return stretches.reduce(passed / RebuildBatches.passedPerEvent) { $0 + UInt64($1.events.count) }
        }
    }

    /// So many events are passed by in the time that one is applied, about.
    private static let passedPerEvent: UInt64 = 16
    private static let pageMax = 10_000

    let source: any PageSource
    let ways: [Way]
    /// Events of one transaction.
    let eventsMax: Int

    /// nil at the end of the last way.
    func batch(at place: Place) async throws -> Batch? {
        guard place.way < ways.count else { return nil }
        let way = ways[place.way]
        let start = place.position ?? way.start
        guard start < way.end else { return try await batch(at: Place(way: place.way + 1)) }
        var batch = Batch(
            partition: way.partition, isWhole: way.types == nil, start: start, next: Place(way: place.way))
        var (position, events) = (start, 0)
        let end = Position(min(way.end.rawValue, start.rawValue + UInt64(eventsMax) * Self.passedPerEvent))
        while position < end, events < eventsMax {
            let stretch = try await source.events(
                of: way.partition, types: way.types, after: position, through: end,
                limit: min(Self.pageMax, eventsMax - events))
            guard Self.isNext(stretch, after: position, through: end, isWhole: batch.isWhole) else {
                throw ReaderFailure(
                    "the log ends at position \(position) of partition \(way.partition), expected \(way.end)")
            }
            batch.stretches.append(stretch)
            position = stretch.through
            events += stretch.events.count
        }
        batch.next.position = position
        return batch
    }

    private static func isNext(
        _ stretch: EventStretch, after position: Position, through end: Position, isWhole: Bool
    ) -> Bool {
        guard stretch.through > position, stretch.through <= end else { return false }
        guard let first = stretch.events.first?.position else { return !isWhole }
        return isWhole ? first == position.next : first > position
    }
}
