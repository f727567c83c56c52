package import RoostCore
import RoostLog
package import RoostTrace

extension ClusterClient {
    /// The chain with a correlation ID. Checkpoints are read before events, as `Trace` requires.
    package func trace(_ correlation: CorrelationID) throws -> Trace {
        let readers = try readers()
        var events: [(PartitionID, RecordedEvent)] = []
        var owners: [PartitionID: [Epoch: String]] = [:]
        for partition in partitions {
            let reader = try log.reader(partition)
            let found = try reader.events(correlation: correlation)
            guard !found.isEmpty else { continue }
            owners[partition] = Dictionary(
                try reader.claims().map { ($0.epoch, $0.process) }, uniquingKeysWith: { $1 })
            events += found.map { (partition, $0) }
        }
        guard !events.isEmpty else {
            throw ClientError(
                .notFound, code: "unknownCorrelation", "no event has the correlation ID \(correlation)",
                hint: "roost events tail")
        }
        return Trace(correlationID: correlation, events: events, readers: readers) { owners[$0]?[$1] }
    }

    /// The chain that holds an event.
    package func trace(event id: EventID) throws -> Trace { try trace(try event(id).event.correlationID) }

    /// The chain with this correlation ID, or else the chain that holds the event with this ID.
    package func trace(correlationOrEvent id: CorrelationID) throws -> Trace {
        let event = EventID(bits: id.bits)
        for partition in partitions {
            guard let found = try log.reader(partition).event(event) else { continue }
            return try trace(found.correlationID)
        }
        return try trace(id)
    }

    /// The chain whose root was recorded last: the newest thing somebody asked for. Follow-ups do not count, or a
    /// delayed one would bring an old chain back.
    package func lastTrace() throws -> Trace {
        var newest: RecordedEvent?
        for partition in partitions {
            guard let root = try lastRoot(try log.reader(partition), since: newest?.recorded) else { continue }
            if newest.map({ ($0.recorded, $0.eventID) < (root.recorded, root.eventID) }) ?? true { newest = root }
        }
        guard let newest else {
            throw ClientError(
                .notFound, code: "emptyLog", "the log holds no event yet", hint: "roost send --help")
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
