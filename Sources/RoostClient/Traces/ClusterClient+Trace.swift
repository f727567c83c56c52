package import RoostCore
import RoostLog
import RoostNode
package import RoostTrace

extension ClusterClient {
    /// The chain with a correlation ID, as the log holds it: the index only says where to look, and what it has not come to
    /// yet is looked for in the log. Checkpoints are read before events, as `Trace` requires.
    package func trace(_ correlation: CorrelationID, withData: Bool = false) throws -> Trace {
        let readers = try readers()
        let passed = passedReactors()
        var owners: [PartitionID: [Epoch: String]] = [:]
        let found = try events(of: correlation) { owners[$0] = $1 }
        guard !found.events.isEmpty else {
            throw try nothing(under: correlation, unreadable: found.unreadable)
        }
        let trace = Trace(
            correlationID: correlation, events: found.events, readers: readers, unreadable: found.unreadable
        ) { owners[$0]?[$1] }
        return trace.adding(
            try notes(on: trace, found.events, passed: passed, withData: withData) {
                try events(of: correlation).events
            })
    }

    /// `owners` gets the processes of every partition that has some of them.
    private func events(
        of correlation: CorrelationID, owners: (PartitionID, [Epoch: String]) -> Void = { _, _ in }
    ) throws -> (events: ChainCheck.Events, unreadable: [UnreadablePartition]) {
        let places = databases.index.places(of: correlation)
        let found = try gather { reader in
            let events = try reader.events(of: correlation, by: places)
            if !events.isEmpty { owners(reader.partition, try reader.processes()) }
            return events
        }
        return (found.values.flatMap { partition, events in events.map { (partition, $0) } }, found.unreadable)
    }

    /// The chain that holds an event.
    package func trace(event id: EventID, withData: Bool = false) throws -> Trace {
        try trace(try chain(of: id) ?? event(id).event.correlationID, withData: withData)
    }

    /// The chain with this correlation ID, or else the chain that holds the event with this ID, or that somebody with this trace
    /// ID asked for.
    package func trace(correlationOrEvent id: CorrelationID, withData: Bool = false) throws -> Trace {
        let isChain = databases.index.places(of: id).map { !$0.positions.isEmpty } ?? false
        if isChain { return try trace(id, withData: withData) }
        let traceID = id.description.replacing("-", with: "")
        let other = try chain(of: EventID(bits: id.bits)) ?? databases.index.chains(named: traceID).first
        return try trace(other ?? id, withData: withData)
    }

    /// The chain that a text names: an ID of any kind, a `traceparent`, or the place of an event as in `0:7122`.
    package func trace(named text: String, withData: Bool = false) throws -> Trace {
        if let id = CorrelationID(text) { return try trace(correlationOrEvent: id, withData: withData) }
        if let parent = TraceParent(text), let id = CorrelationID(parent.traceID) {
            return try trace(correlationOrEvent: id, withData: withData)
        }
        if let event = try event(at: text) { return try trace(event.correlationID, withData: withData) }
        if let stream = stream(text) {
            throw ClientError(
                .usage, code: "stream", "\(stream) is a stream, which is part of many chains",
                hint: "roost history \(stream) names its events and what led to each")
        }
        return try trace(command: try CommandID(text), withData: withData)
    }

    private func event(at place: String) throws -> RecordedEvent? {
        let numbers = place.split(separator: ":", omittingEmptySubsequences: false).map { UInt64($0) }
        guard numbers.count == 2, let partition = numbers[0], let position = numbers[1], position > 0,
            let known = partitions.first(where: { UInt64($0.rawValue) == partition })
        else { return nil }
        guard let found = try log.reader(known).event(at: Position(position)) else {
            throw ClientError(
                .notFound, code: "unknownPlace", "there is no event at \(place)", hint: "roost events tail")
        }
        return found
    }

    /// nil for what is no name of a stream that the log may hold.
    private func stream(_ text: String) -> StreamName? {
        do throws(InvalidName) {
            let name = try StreamName(text)
            return log.identity.placement.partition(of: name) == nil ? nil : name
        } catch {
            return nil
        }
    }

    /// The chain that the events of a command belong to.
    package func trace(command id: CommandID, withData: Bool = false) throws -> Trace {
        // Before the look-up: what is not indexed then is looked for in the log from there on.
        let indexed = databases.index.progress()
        if let known = databases.index.chains(named: id.description).first {
            return try trace(known, withData: withData)
        }
        let found = try gather { try $0.chain(ofCommand: id, after: indexed[$0.partition]) }
        if let known = found.values.lazy.compactMap(\.value).first { return try trace(known, withData: withData) }
        throw try nothing(of: id, unreadable: found.unreadable)
    }

    private func chain(of event: EventID) throws -> CorrelationID? {
        if let known = databases.index.chains(ofEvent: event).first { return known }
        return try gather { try $0.event(event) }.values.lazy.compactMap(\.value).first?.correlationID
    }

    /// The chain whose root was recorded last: the newest thing somebody asked for. Follow-ups do not count, or a
    /// delayed one would bring an old chain back.
    package func lastTrace(withData: Bool = false) throws -> Trace {
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
        return try trace(newest.correlationID, withData: withData)
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
