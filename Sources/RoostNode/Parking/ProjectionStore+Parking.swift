import GRDBSQLite
package import RoostCore
package import RoostLog

/// What is done about parked events once somebody wants it. Each step is one transaction of bounded size; a crash between two
/// of them loses nothing and applies nothing twice.
extension ProjectionStore {
    /// Events of one step.
    package static let parkedPageMax = 1000

    /// What became of a step.
    package enum ParkedStep: Sendable {
        /// So many events left the parked set; `isLast` when the stream is live again.
        case done(events: UInt64, isLast: Bool)
        /// This event cannot be applied, so the stream stays parked from it on. So many events before it left the parked set.
        case refused(EventPlace, type: String, reason: String, after: UInt64)
    }

    private struct Refused: Error {
        let place: EventPlace
        let type: String
        let reason: String
        /// Events of its page that can be applied before it.
        let passed: UInt64
    }

    /// A dry run ends like this, so that nothing of it stays.
    private struct DryRunDone: Error {}

    /// The streams that are parked, in the order of their names.
    package var parkedStreams: [StreamName] { (parked?.streams ?? []).sorted { $0.description < $1.description } }

    var parkedStreamCount: Int { parked?.streams.count ?? 0 }

    /// Applies the first parked events of a stream, in order, up to one that cannot be applied: that is the first one then.
    package func retry(_ stream: StreamName, from reader: (PartitionID) -> (any PartitionReader)?) throws -> ParkedStep
    {
        do {
            var (events, isLast) = (UInt64(0), true)
            try transaction { (events, isLast) = try release(stream, before: nil, reader) }
            return .done(events: events, isLast: isLast)
        } catch let refused as Refused {
            return try retry(stream, upTo: refused, .failed, reader)
        }
    }

    /// Applies what comes before an event at which a stream stays parked, and notes why it does.
    private func retry(
        _ stream: StreamName, upTo refused: Refused, _ kind: ParkedEvent.Kind,
        _ reader: (PartitionID) -> (any PartitionReader)?
    ) throws -> ParkedStep {
        do {
            var events: UInt64 = 0
            try transaction {
                events = try release(stream, before: refused.place.position, reader).events
                try parked?.fail(refused.place, kind, refused.reason, open)
            }
            return .refused(refused.place, type: refused.type, reason: refused.reason, after: events)
        } catch let earlier as Refused {
            // Its handler does not make the same of the same events; this one comes before, so this ends.
            return try retry(stream, upTo: earlier, .failed, reader)
        }
    }

    /// Applies one page of a stream's parked events and takes them out of the parked set. Inside a transaction only.
    private func release(
        _ stream: StreamName, before bound: Position?, _ reader: (PartitionID) -> (any PartitionReader)?
    ) throws -> (events: UInt64, isLast: Bool) {
        try applyParked(stream, after: .start, before: bound, reader) { last, count, applied in
            try parked?.release(stream, through: last.position, open)
            progress[last.partition]?.parked -= count
            progress[last.partition]?.applied += applied
        }
    }

    /// Says whether all parked events of a stream could be applied now. Changes nothing.
    package func wouldPass(_ stream: StreamName, from reader: (PartitionID) -> (any PartitionReader)?) throws
        -> ParkedStep
    {
        var events: UInt64 = 0
        do {
            try transaction {
                var (isLast, reached) = (false, Position.start)
                events = 0
                while !isLast {
                    let page = try applyParked(stream, after: reached, before: nil, reader) { last, _, _ in
                        reached = last.position
                    }
                    events += page.events
                    isLast = page.isLast
                }
                throw DryRunDone()
            }
            return .done(events: 0, isLast: true)
        } catch is DryRunDone {
            return .done(events: events, isLast: true)
        } catch let refused as Refused {
            return .refused(
                refused.place, type: refused.type, reason: refused.reason, after: events + refused.passed)
        }
    }

    /// Applies one page of a stream's parked events; `onDone` gets the last of them, how many they are and how many were not
    /// filtered. Inside a transaction only.
    private func applyParked(
        _ stream: StreamName, after position: Position, before bound: Position?,
        _ reader: (PartitionID) -> (any PartitionReader)?,
        _ onDone: (_ last: EventPlace, _ count: UInt64, _ applied: UInt64) throws -> Void
    ) throws -> (events: UInt64, isLast: Bool) {
        let tables = open
        let page = try parked?.positions(of: stream, after: position, limit: Self.parkedPageMax, tables) ?? []
        let places = page.filter { bound == nil || $0.position < bound ?? .start }
        guard let last = places.last else { return (0, true) }
        guard let reader = reader(last.partition) else {
            throw ReaderFailure("the log has no partition \(last.partition), in which \(stream) is parked")
        }
        var events = ParkedEventReader(reader, places.map(\.position))
        var (passed, applied) = (UInt64(0), UInt64(0))
        for place in places {
            guard let event = try events.event() else { break }
            mark?.enterRetry(place)
            do {
                if try handle(event, place.partition, tables) { applied += 1 }
                passed += 1
            } catch {
                guard Poison.isCause(error), tables.isInTransaction else { throw error }
                throw Refused(
                    place: place, type: event.type, reason: Poison.reason(error, at: event), passed: passed)
            }
        }
        try onDone(last, UInt64(places.count), applied)
        return (UInt64(places.count), places.count < Self.parkedPageMax)
    }

    /// Gives up parked events of a stream for good, a page at a time: those up to a position, or all.
    package func discard(_ stream: StreamName, through bound: Position? = nil) throws -> ParkedStep {
        var (count, isLast) = (0, true)
        try transaction {
            let page = try parked?.positions(of: stream, after: .start, limit: Self.parkedPageMax, open) ?? []
            let places = page.filter { bound == nil || $0.position <= bound ?? .start }
            count = places.count
            isLast = count < Self.parkedPageMax
            guard let last = places.last else { return }
            try parked?.discard(stream, through: last.position, open)
            progress[last.partition]?.parked -= UInt64(count)
            progress[last.partition]?.discarded += UInt64(count)
        }
        return .done(events: UInt64(count), isLast: isLast)
    }

    /// Goes on with a retry at one of whose events the process died: what comes before it is applied, and it is the first one
    /// then.
    func retry(upToDeathAt event: ParkedEvent, from reader: (PartitionID) -> (any PartitionReader)?) throws
        -> ParkedStep
    {
        try retry(
            event.stream, upTo: Refused(place: event.place, type: event.type, reason: Self.diedRetrying, passed: 0),
            .crashed, reader)
    }

    static let diedRetrying = "the process died at it when it was tried again"

    /// One parked event; nil when it is not parked.
    func parkedEvent(at place: EventPlace) throws -> ParkedEvent? {
        let sql = "SELECT \(ParkedEvent.columns) FROM roost_parked WHERE partition = ? AND position = ?"
        let row = try store.withTables { tables in
            try tables.row(
                sql, .integer(Int64(place.partition.rawValue)), .integer(Int64(place.position.rawValue)))
        }
        return try row.map { try ParkedEvent(row: $0) }
    }

    /// The parked event at which the last two lives ended when it was tried again.
    var diedRetrying: EventPlace? { mark?.diedRetrying }

    /// The work that the life before ended at is over.
    func forgetRetry() { mark?.forgetRetry() }

    /// Every partition was at its head: what the life before died at is behind.
    func reachedHeads() { mark?.relax() }
}

/// What a person has decided for the live projection holds for every copy of it, too.
extension ProjectionStore {
    /// Takes over which events are discarded from the database of the same projection at `path`; with `crashes` also those at
    /// which processes die, for a fold in a process that must not. Returns the streams that are not parked any more by that.
    @discardableResult
    package func adopt(from path: String, crashes: Bool = false) throws -> [StreamName] {
        try adopt(from: ReadOnlyDatabase(path: path), crashes: crashes)
    }

    /// The same from a database that is open, as it is at one instant.
    func adopt(from other: borrowing ReadOnlyDatabase, crashes: Bool = false) throws -> [StreamName] {
        guard parked != nil, try other.has("roost_discarded") else { return [] }
        var freed: Set<StreamName> = []
        try transaction {
            try Self.forEach(of: "roost_discarded", in: other) { event in
                if try adopt(event) { freed.insert(event.stream) }
            }
            for partition in Set(progress.keys).union(parked?.nextDiscard.keys.map { $0 } ?? []) {
                try parked?.lookForDiscard(in: partition, after: progress(partition).position, open)
            }
        }
        guard crashes else { return freed.sorted { $0.description < $1.description } }
        try Self.forEach(of: "roost_parked", in: other) {
            if $0.kind == .crashed { parked?.condemn($0.place, after: $0.attempts) }
        }
        return freed.sorted { $0.description < $1.description }
    }

    /// True when the event was parked here.
    private func adopt(_ event: ParkedEvent) throws -> Bool {
        let reached = progress(event.partition).position
        guard event.position <= reached else {
            try parked?.discardAhead(event, open)
            return false
        }
        guard try parked?.discard(event, open) == true else { return false }
        progress[event.partition]?.parked -= 1
        progress[event.partition]?.discarded += 1
        return true
    }

    private static func forEach(
        of table: String, in database: borrowing ReadOnlyDatabase, _ body: (ParkedEvent) throws -> Void
    ) throws {
        var last = EventPlace(partition: PartitionID(0), position: .start)
        while true {
            let rows = try database.rows(
                """
                SELECT \(ParkedEvent.columns) FROM \(table) WHERE (partition, position) > (:partition, :position)
                ORDER BY partition, position LIMIT \(parkedPageMax)
                """,
                [
                    "partition": .integer(Int64(last.partition.rawValue)),
                    "position": .integer(Int64(last.position.rawValue)),
                ]
            ).rows
            for row in rows {
                let event = try ParkedEvent(row: row)
                try body(event)
                last = event.place
            }
            if rows.count < parkedPageMax { return }
        }
    }
}
