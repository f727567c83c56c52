import RoostCore
import RoostLog

/// A segment that is not written yet: what a row of `segments` will hold, collected event by event.
///
/// An index entry belongs to a command, not to an event: it says where the command's first event stands.
struct OpenSegment {
    struct Entry {
        let command: UInt64
        let correlation: UInt64
        /// Of the command's first event, counted from the segment's first position.
        let offset: UInt16
    }

    let first: Position
    private(set) var count: UInt64 = 0
    private(set) var entries: [Entry] = []
    private(set) var recordedFrom = Timestamp(nanoseconds: .max)
    private(set) var recordedTo = Timestamp(nanoseconds: .min)
    private(set) var eventLow = UInt128.max
    private(set) var eventHigh = UInt128.zero
    private var types: [StoredKind] = []
    /// The newest entry of each command hash, as an index of `entries`: of the first `indexed` ones.
    private var commands: HashIndex
    private var indexed = 0
    /// Entries whose hash another entry has taken over in `commands`.
    private var collisions: [Int] = []

    /// `entries` is how many commands it will probably hold: what it needs for them is made at once.
    init(first: Position, expecting entries: Int = 0) {
        self.first = first
        self.entries.reserveCapacity(entries)
        commands = HashIndex()
    }

    var last: Position { Position(first.rawValue + count - 1) }
    /// Whether it was ended before it was full.
    private(set) var isClosed = false
    var isComplete: Bool { count == Schema.segmentLength || isClosed }
    mutating func close() { isClosed = true }

    /// What it holds of each kind of event.
    var kinds: [KindCount] {
        types.map { stored in
            KindCount(
                kind: EventKind(String(decoding: stored.name, as: UTF8.self), stored.schemaVersion),
                count: stored.count, first: stored.first)
        }
    }

    mutating func add(_ event: RecordPointer, command: UInt64, startsCommand: Bool) {
        if startsCommand {
            let correlation = CorrelationHash.of(event.bits(EventLayout.correlationID))
            entries.append(Entry(command: command, correlation: correlation, offset: UInt16(truncatingIfNeeded: count)))
        }
        unsafe countKind(event.typeName, event.number(EventLayout.schemaVersion, UInt32.self))
        let recorded = Timestamp(nanoseconds: event.number(EventLayout.recorded, Int64.self))
        recordedFrom = min(recordedFrom, recorded)
        recordedTo = max(recordedTo, recorded)
        let id = event.bits(EventLayout.eventID)
        eventLow = min(eventLow, id)
        eventHigh = max(eventHigh, id)
        count += 1
    }

    /// Where commands with this hash start. Indexes what came since it was asked last: a host that compares command IDs
    /// itself hardly ever asks.
    mutating func positions(command: UInt64) -> [Position] {
        for entry in indexed..<entries.count {
            if let taken = commands.update(entries[entry].command, entry) { collisions.append(taken) }
        }
        indexed = entries.count
        guard let newest = commands[command] else { return [] }
        let others = collisions.filter { entries[$0].command == command }
        return (others + [newest]).map { position(entries[$0]) }
    }

    /// Where commands whose chain has this hash start, in order.
    func positions(correlation: UInt64) -> [Position] {
        entries.filter { $0.correlation == correlation }.map { position($0) }
    }

    private func position(_ entry: Entry) -> Position { Position(first.rawValue + UInt64(entry.offset)) }

    private mutating func countKind(_ name: UnsafeRawBufferPointer, _ version: UInt32) {
        for index in types.indices where unsafe types[index].isKind(name, version) {
            types[index].count += 1
            return
        }
        let first = Position(first.rawValue + count)
        unsafe types.append(StoredKind(name: Array(name), schemaVersion: version, first: first, count: 1))
    }
}

/// A kind of event whose name is still bytes.
private struct StoredKind {
    let name: [UInt8]
    let schemaVersion: UInt32
    let first: Position
    var count: UInt64

    func isKind(_ other: UnsafeRawBufferPointer, _ version: UInt32) -> Bool {
        unsafe version == schemaVersion && name.elementsEqual(other)
    }
}

/// Names a chain in 8 bytes. Part of the storage format of segments.
enum CorrelationHash {
    static func of(_ correlation: UInt128) -> UInt64 {
        let high = UInt64(truncatingIfNeeded: correlation >> 64)
        return StableHash.finalized(UInt64(truncatingIfNeeded: correlation) ^ StableHash.finalized(high))
    }
}
