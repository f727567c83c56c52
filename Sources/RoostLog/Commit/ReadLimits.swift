package import RoostCore

/// How much one read returns at most.
public enum ReadLimits {
    /// The most events of one page.
    public static let eventsMax = 10_000
    /// A page ends with the event that reaches this many bytes.
    public static let bytesMax = 8 << 20

    /// The limit to use for a caller's limit; refuses one below 1.
    package static func checked(_ limit: Int) throws(EventLogError) -> Int {
        guard limit > 0 else { throw EventLogError(.invalid, "a read asks for at least one event, not \(limit)") }
        return min(limit, eventsMax)
    }
}

extension EventPage {
    /// Copies events into one page: as many, in order, as the limits of a read allow. At least one, if there is one.
    package static func copying(_ events: some Sequence<RecordedEvent>, limit: Int = .max) -> EventPage {
        var writer = EventWriter()
        var offsets: [Int] = []
        for event in events {
            guard offsets.count < limit, writer.count < ReadLimits.bytesMax else { break }
            offsets.append(event.canonicalBytes.withUnsafeBytes { writer.append(record: $0) })
        }
        return EventPage(checked: writer.finish(), offsets: offsets)
    }

    /// Copies all events into one page, however many.
    package static func joining(_ events: some Sequence<RecordedEvent>) -> EventPage {
        var writer = EventWriter()
        var offsets: [Int] = []
        for event in events {
            offsets.append(event.canonicalBytes.withUnsafeBytes { writer.append(record: $0) })
        }
        return EventPage(checked: writer.finish(), offsets: offsets)
    }
}
