package import RoostCore
import RoostJSON
import RoostLog
import RoostNode

extension ClusterClient {
    /// The state of a stream at a moment.
    ///
    /// Throws `notFound` for a stream without events by then, and `usage` for a time that has not come.
    package func state(of stream: StreamName, at moment: Moment) throws -> StateDocument {
        if let time = moment.time { try refuseFuture(time) }
        var fold = try newFold(of: stream)
        var selection = MomentSelection(moment)
        let newest = try forEachEvent(of: stream) { event in
            switch selection.next(event) {
            case .take: try fold.apply(event)
            case .pass: break
            case .stop: return false
            }
            return true
        }
        guard let last = selection.last else { throw nothing(in: stream, by: moment, newest) }
        if case .version(let version) = moment, last.version < version { throw nothing(in: stream, by: moment, newest) }
        return StateDocument(last, selection, newest: newest, state: try fold.document())
    }

    /// The newest state of a stream; nil when it has no events.
    package func newestState(of stream: StreamName) throws -> StateDocument? {
        guard try log.reader(of: stream).version(of: stream) > .none else { return nil }
        return try state(of: stream, at: .newest)
    }

    /// What changed in a stream from one recorded time to another.
    package func changes(of stream: StreamName, from: Timestamp, to: Timestamp) throws -> DiffDocument {
        guard from <= to else {
            throw ClientError(
                .usage, code: "timesReversed", "\(from) is after \(to)", hint: "give the earlier time first")
        }
        let after = try state(of: stream, at: .recorded(to))
        let before = try stateOrInitial(stream, at: from)
        return DiffDocument(
            stream: stream.description, from: DiffDocument.End(at: from, version: before.version),
            to: DiffDocument.End(at: to, version: after.version),
            changes: FieldChange.between(before.state, after.state))
    }

    private func stateOrInitial(
        _ stream: StreamName, at time: Timestamp
    ) throws -> (version: StreamVersion, state: JSONValue) {
        let reader = try log.reader(of: stream)
        let first = try reader.events(of: stream, from: StreamVersion(1), limit: 1).first
        if let first, first.recorded > time { return (.none, try newFold(of: stream).document()) }
        let found = try state(of: stream, at: .recorded(time))
        return (found.version, found.state)
    }

    /// The answer for a time that has not come could still change.
    func refuseFuture(_ time: Timestamp) throws { try Moment.refuseFuture(time, now: now()) }

    func nothing(in stream: StreamName, by moment: Moment, _ newest: StreamVersion) -> ClientError {
        guard newest > .none else {
            return ClientError(
                .notFound, code: "unknownStream", "stream '\(stream)' has no events", hint: "roost events tail")
        }
        let message =
            switch moment {
            case .newest, .version: "stream '\(stream)' goes to version \(newest)"
            case .recorded(let time): "stream '\(stream)' had no events at \(time)"
            case .occurred(let time): "nothing in stream '\(stream)' had occurred by \(time)"
            }
        return ClientError(.notFound, code: "noSuchMoment", message, hint: "roost history \(stream)")
    }

    func newFold(of stream: StreamName) throws -> any StreamFold {
        guard let kind = AggregateKind.byCategory(domain)[stream.category] else { throw unknownCategory(stream) }
        return kind.fold(stream, codec.makeEventDecoder())
    }

    /// Calls `body` with each event of a stream, oldest first, until it returns false. Returns the stream's newest
    /// version as it was at the start.
    func forEachEvent(of stream: StreamName, _ body: (RecordedEvent) throws -> Bool) throws -> StreamVersion {
        guard let partition = log.identity.placement.partition(of: stream) else { throw unknownCategory(stream) }
        let reader = try log.reader(partition)
        let newest = try reader.version(of: stream)
        var next = StreamVersion(1)
        while next <= newest {
            let page = try reader.events(of: stream, from: next, limit: 1000)
            for event in page where event.version <= newest {
                guard try body(event) else { return newest }
            }
            guard let last = page.last else { break }
            next = last.version.next
        }
        return newest
    }
}

/// Decides event by event what belongs to a moment.
struct MomentSelection {
    enum Choice { case take, pass, stop }

    private let moment: Moment
    private(set) var last: RecordedEvent?
    private(set) var taken: UInt64 = 0
    private var latestOccurred: Timestamp?
    private var late: UInt64 = 0

    init(_ moment: Moment) { self.moment = moment }

    /// Events that were recorded after one that occurred later; nil unless the moment is one of occurred time.
    var outOfOrder: UInt64? { if case .occurred = moment { late } else { nil } }

    mutating func next(_ event: RecordedEvent) -> Choice {
        let choice = choice(event)
        guard choice != .stop else { return .stop }
        if choice == .take {
            if let latestOccurred, event.occurred < latestOccurred { late += 1 }
            taken += 1
            last = event
        }
        latestOccurred = max(latestOccurred ?? event.occurred, event.occurred)
        return choice
    }

    private func choice(_ event: RecordedEvent) -> Choice {
        switch moment {
        case .newest: .take
        case .version(let version): event.version <= version ? .take : .stop
        // Recorded time never goes back within a partition, so nothing after it belongs to the prefix.
        case .recorded(let time): event.recorded <= time ? .take : .stop
        case .occurred(let time): event.occurred <= time ? .take : .pass
        }
    }
}
