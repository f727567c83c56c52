package import RoostCore
import RoostLog
package import RoostTrace

extension ClusterClient {
    /// The chain with a correlation ID. Checkpoints are read before events, as `Trace` requires.
    package func trace(_ correlation: CorrelationID) throws -> Trace {
        let readers = try readers()
        var owners: [PartitionID: [Epoch: String]] = [:]
        let found = try gather { reader in
            let events = try reader.events(correlation: correlation)
            guard !events.isEmpty else { return events }
            owners[reader.partition] = try reader.processes()
            return events
        }
        let events = found.values.flatMap { partition, events in events.map { (partition, $0) } }
        guard !events.isEmpty else {
            throw notFound(
                "unknownCorrelation", "no event has the correlation ID \(correlation)", hint: "roost events tail",
                besides: found.unreadable)
        }
        return Trace(
            correlationID: correlation, events: events, readers: readers, unreadable: found.unreadable
        ) { owners[$0]?[$1] }
    }

    /// The chain that holds an event.
    package func trace(event id: EventID) throws -> Trace { try trace(try event(id).event.correlationID) }

    /// The chain with this correlation ID, or else the chain that holds the event with this ID.
    package func trace(correlationOrEvent id: CorrelationID) throws -> Trace {
        let found = try gather { try $0.event(EventID(bits: id.bits)) }
        return try trace(found.values.lazy.compactMap(\.value).first?.correlationID ?? id)
    }

    /// The chain whose root was recorded last: the newest thing somebody asked for. Follow-ups do not count, or a
    /// delayed one would bring an old chain back.
    package func lastTrace() throws -> Trace {
        var newest: RecordedEvent?
        let found = try gather { reader in
            let root = try lastRoot(reader, since: newest?.recorded)
            if let root, newest.map({ ($0.recorded, $0.eventID) < (root.recorded, root.eventID) }) ?? true {
                newest = root
            }
            return root?.eventID
        }
        guard let newest else {
            throw notFound(
                "emptyLog", "the log holds no event yet", hint: "roost send --help", besides: found.unreadable)
        }
        return try trace(newest.correlationID)
    }

    /// Looks backwards page by page; stops where everything is older than `since`.
    private func lastRoot(_ reader: any PartitionReader, since: Timestamp?) throws -> RecordedEvent? {
        var end = try reader.head().position.rawValue
        while end > 0 {
            let start = end > Self.lookBack ? end - Self.lookBack : 0
            let page = try reader.events(after: Position(start), limit: Int(end - start))
            let events = Array(page)
            if let root = events.last(where: { $0.causationID == nil }) { return root }
            if let since, let oldest = events.first, oldest.recorded < since { return nil }
            end = start
        }
        return nil
    }

    private static let lookBack: UInt64 = 1000
}
