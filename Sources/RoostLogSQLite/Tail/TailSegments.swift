import RoostCore
import RoostLog

/// What `segments` does not hold yet: the events after its last row, in segments that are still open.
struct TailSegments {
    private(set) var open: [OpenSegment]
    /// The newest event taken in.
    private(set) var end: Position
    private var lastCommand: UInt64?

    /// Starts after the last written segment.
    init(after end: Position) {
        self.end = end
        open = [OpenSegment(first: end.next)]
    }

    /// Tells which command the event before the first one belongs to: its later events may follow.
    mutating func prime(_ event: RecordedEvent) {
        lastCommand = event.withPointer { $0.commandHash }
    }

    mutating func add(_ event: RecordedEvent) {
        event.withPointer { add($0, command: $0.commandHash, at: event.position) }
    }

    /// Takes in an event whose command hash is known already.
    mutating func add(_ event: RecordPointer, command hash: UInt64, at position: Position) {
        if open[open.count - 1].isComplete {
            open.append(OpenSegment(first: position, expecting: open[open.count - 1].entries.count))
        }
        open[open.count - 1].add(event, command: hash, startsCommand: hash != lastCommand)
        (lastCommand, end) = (hash, position)
    }

    /// The oldest segment, when it is ready to be written.
    var complete: OpenSegment? { open.first.flatMap { $0.isComplete ? $0 : nil } }

    /// Ends the newest segment where it is, full or not.
    mutating func close() { if open[open.count - 1].count > 0 { open[open.count - 1].close() } }

    /// Whether a segment was ended at `position` that is taken for an open one here.
    func isCut(at position: Position) -> Bool {
        open.contains { $0.first <= position && $0.count > 0 && $0.last > position }
    }

    /// Forgets segments that are written by now.
    mutating func drop(through position: Position) {
        while let segment = open.first, segment.isComplete, segment.last <= position { open.removeFirst() }
        if open.isEmpty { open = [OpenSegment(first: end.next)] }
    }

    mutating func positions(command: UInt64) -> [Position] {
        open.indices.flatMap { open[$0].positions(command: command) }
    }
    func positions(correlation: UInt64) -> [Position] { open.flatMap { $0.positions(correlation: correlation) } }
}
