import Synchronization

/// Counted by many, read by others.
final class Counter: Sendable {
    private let count = Atomic<Int64>(0)
    var value: Int64 { count.load(ordering: .relaxed) }
    func add(_ more: Int64 = 1) { count.add(more, ordering: .relaxed) }
}
