package import RoostCore

extension PartitionReader {
    /// Every event up to a position, page by page; `progress` gets the last position of each page.
    package func forEachEvent(
        through end: Position, progress: (Position) -> Void = { _ in }, _ body: (RecordedEvent) throws -> Void
    ) throws {
        var position = Position.start
        while position < end {
            let limit = Int(clamping: min(end.rawValue - position.rawValue, UInt64(ReadLimits.eventsMax)))
            let page = try events(after: position, limit: limit)
            for event in page { try body(event) }
            guard let last = page.last else { return }
            position = last.position
            progress(position)
        }
    }
}
