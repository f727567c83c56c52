import RoostCore
import RoostLog

/// Reads the events at some ascending positions of one partition: together where they lie close to each other, one by one where
/// they are far apart.
struct ParkedEventReader {
    /// So many events are read for one that is wanted, at most.
    private static let densityMax: UInt64 = 4

    private let reader: any PartitionReader
    private let positions: [Position]
    private var next = 0
    private var page = EventPage.empty

    init(_ reader: any PartitionReader, _ positions: [Position]) {
        self.reader = reader
        self.positions = positions
    }

    /// The event at the next position; nil after the last one.
    mutating func event() throws -> RecordedEvent? {
        guard next < positions.count else { return nil }
        let position = positions[next]
        if page.last.map({ $0.position < position }) ?? true {
            page = try reader.events(after: Position(position.rawValue - 1), limit: limit(from: position))
        }
        next += 1
        guard let first = page.first, first.position <= position,
            let event = page.dropFirst(Int(position.rawValue - first.position.rawValue)).first
        else {
            throw EventLogError(.missing, "position \(position) of partition \(reader.partition) is not in the log")
        }
        return event
    }

    private func limit(from position: Position) -> Int {
        guard let last = positions.last else { return 1 }
        let span = last.rawValue - position.rawValue + 1
        return span <= UInt64(positions.count - next) * Self.densityMax ? Int(span) : 1
    }
}
