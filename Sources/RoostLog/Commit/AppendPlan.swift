package import RoostCore

/// Where a stream ends: its newest version, and the position of that event.
package struct StreamHead: Hashable, Sendable {
    package var version: StreamVersion
    package var position: Position
    /// A stream without events.
    package static let none = StreamHead(version: .none, position: .start)

    package init(version: StreamVersion, position: Position) {
        self.version = version
        self.position = position
    }
}

/// What is stored already, as far as deciding about a batch needs it.
package protocol CommitIndex {
    func head(of stream: StreamKey) throws(EventLogError) -> StreamHead
    /// What is stored of a command whose stream has events. `hash` is `CommandHash.of(stream, command)`.
    func receipt(of entry: AppendBatch.Entry, hash: UInt64, head: StreamHead) throws(EventLogError) -> Receipt?
}

/// What to do with a batch, decided before anything is written: one outcome per entry, and the entries to store.
///
/// Every log decides with this one function, so that conflicts and duplicates mean the same everywhere.
package struct AppendPlan {
    /// An entry that will be stored.
    package struct Kept: Sendable {
        package let entry: Int
        package let hash: UInt64
        /// Where the stream ended before this entry.
        package let base: StreamHead
        package let first: Position
    }

    /// Where a stream ended before the batch, and where it ends after the entries decided so far.
    private struct Moving {
        let stored: StreamHead
        var current: StreamHead
    }

    package private(set) var outcomes: [AppendOutcome] = []
    package private(set) var kept: [Kept] = []
    /// The position of the last event of the batch, or where the partition ended if nothing is kept.
    package private(set) var last: Position
    private var streams: [StreamKey: Moving] = [:]
    private var commands: HashIndex

    package init(_ batch: AppendBatch, after head: Position, index: some CommitIndex) throws(EventLogError) {
        last = head
        let count = batch.entries.count
        commands = HashIndex(capacity: count)
        outcomes.reserveCapacity(count)
        kept.reserveCapacity(count)
        streams.reserveCapacity(count)
        for number in 0..<count {
            outcomes.append(try decide(number, batch, index))
        }
    }

    /// Every entry of the batch is stored, so that its arena is the commit as it stands.
    package var keepsAll: Bool { kept.count == outcomes.count }

    /// Calls `body` with each stream that grows and its new end.
    package func forEachHead(_ body: (StreamKey, StreamHead) -> Void) {
        for (stream, moving) in streams { body(stream, moving.current) }
    }

    private mutating func decide(
        _ number: Int, _ batch: AppendBatch, _ index: some CommitIndex
    ) throws(EventLogError) -> AppendOutcome {
        let entry = batch.entries[number]
        let stream = StreamKey(entry.stream)
        let hash = CommandHash.of(stream, entry.commandID)
        var moving = try moving(stream, index)
        if let receipt = try known(entry, hash, moving, batch, index) {
            return receipt.fingerprint == entry.fingerprint ? .duplicate(receipt) : .commandIDReused
        }
        guard entry.expected.allows(moving.current.version) else {
            return .versionConflict(actual: moving.current.version)
        }
        kept.append(Kept(entry: number, hash: hash, base: moving.current, first: last.next))
        _ = commands.update(hash, kept.count - 1)
        last = Position(last.rawValue + UInt64(entry.eventCount))
        let version = StreamVersion(moving.current.version.rawValue + UInt64(entry.eventCount))
        moving.current = StreamHead(version: version, position: last)
        streams[stream] = moving
        return .committed(version: version, position: last)
    }

    private func moving(_ stream: StreamKey, _ index: some CommitIndex) throws(EventLogError) -> Moving {
        if let known = streams[stream] { return known }
        let head = try index.head(of: stream)
        return Moving(stored: head, current: head)
    }

    private func known(
        _ entry: AppendBatch.Entry, _ hash: UInt64, _ moving: Moving, _ batch: AppendBatch, _ index: some CommitIndex
    ) throws(EventLogError) -> Receipt? {
        if entry.comparedThrough >= moving.current.version || Mutant.noCommandIDCheck.isPlanted { return nil }
        if commands[hash] != nil, let earlier = keptEarlier(entry, hash, batch) { return receipt(earlier, batch) }
        guard moving.stored != .none else { return nil }
        return try index.receipt(of: entry, hash: hash, head: moving.stored)
    }

    private func keptEarlier(_ entry: AppendBatch.Entry, _ hash: UInt64, _ batch: AppendBatch) -> Kept? {
        kept.first {
            let other = batch.entries[$0.entry]
            return $0.hash == hash && other.stream == entry.stream && other.commandID == entry.commandID
        }
    }

    private func receipt(_ kept: Kept, _ batch: AppendBatch) -> Receipt {
        let entry = batch.entries[kept.entry]
        let more = UInt64(entry.eventCount)
        return Receipt(
            events: entry.eventCount, version: StreamVersion(kept.base.version.rawValue + more),
            position: Position(kept.first.rawValue + more - 1), fingerprint: entry.fingerprint,
            correlationID: batch.writer.correlationID(at: entry.offset))
    }
}

extension ExpectedVersion {
    /// Whether a stream at `version` is what the writer believes it to be.
    package func allows(_ version: StreamVersion) -> Bool {
        switch self {
        case .any: true
        case .noStream: version == .none
        case .exactly(let expected): version == expected
        }
    }
}
