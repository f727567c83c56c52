import RoostCore
import RoostLog

/// Where the streams end that the table `heads` may not know yet, in two generations.
///
/// Every 65,536 events the young generation becomes the old one and is written to the table, sorted by name and in
/// slices as large as the commits that carry them, so that it is done before the next one is due. Memory is bounded by
/// two generations.
struct RecentHeads {
    private var young: [StreamKey: StreamHead] = [:]
    private var old: [StreamKey: StreamHead] = [:]
    private var pending: ArraySlice<(stream: StreamName, head: StreamHead)> = []
    private var rotatedAt: Position
    /// How far the table goes for certain.
    private(set) var tableEnd: Position
    /// A slice is at least so long.
    private static let sliceMin = 64

    /// `through` is how far the table goes.
    init(through: Position) {
        rotatedAt = through
        tableEnd = through
    }

    func find(_ stream: StreamKey) -> StreamHead? { young[stream] ?? old[stream] }

    mutating func note(_ stream: StreamKey, _ head: StreamHead) { young[stream] = head }

    /// Forgets streams that have not grown since the table was brought up to `position`: for readers.
    mutating func drop(through position: Position) { young = young.filter { $0.value.position > position } }

    /// Starts writing a generation when one is due.
    mutating func rotateIfDue(at head: Position) {
        guard pending.isEmpty, head.rawValue - rotatedAt.rawValue >= Schema.segmentLength else { return }
        old = young
        young = [:]
        pending = old.map { (stream: $0.key.name, head: $0.value) }.sorted { $0.stream < $1.stream }[...]
        rotatedAt = head
    }

    /// What the next commit should write beside its `events` events.
    func slice(besides events: Int) -> ArraySlice<(stream: StreamName, head: StreamHead)> {
        pending.prefix(max(2 * events, Self.sliceMin))
    }

    /// How far the table goes once that slice is written; nil while more is pending.
    func complete(after slice: Int) -> Position? {
        !pending.isEmpty && slice == pending.count ? rotatedAt : nil
    }

    /// Every stream that the table may not know.
    var all: [(stream: StreamName, head: StreamHead)] {
        old.merging(young) { $1 }.map { (stream: $0.key.name, head: $0.value) }.sorted { $0.stream < $1.stream }
    }

    /// The slice is durable.
    mutating func wrote(_ slice: Int) {
        if let end = complete(after: slice) { tableEnd = end }
        pending = pending.dropFirst(slice)
    }
}
