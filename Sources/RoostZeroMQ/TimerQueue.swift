/// What is to happen when, soonest first; equal times in the order they were added. Knows no clock.
struct TimerQueue {
    private struct Entry {
        let due: UInt64
        let number: UInt64
    }

    /// A binary heap. Cancelled entries stay until they are due or outnumber the live ones.
    private var heap: [Entry] = []
    private var bodies: [UInt64: @Sendable () -> Void] = [:]
    private var lastNumber: UInt64 = 0

    var isEmpty: Bool { bodies.isEmpty }

    /// When the next timer is due; nil when there is none.
    var nextDue: UInt64? { heap.first?.due }

    /// Returns the number to cancel it by.
    mutating func add(due: UInt64, _ body: @escaping @Sendable () -> Void) -> UInt64 {
        lastNumber += 1
        bodies[lastNumber] = body
        heap.append(Entry(due: due, number: lastNumber))
        siftUp()
        return lastNumber
    }

    /// Without effect on a timer that has fired.
    mutating func cancel(_ number: UInt64) {
        guard bodies.removeValue(forKey: number) != nil, heap.count > 2 * bodies.count + 64 else { return }
        heap = heap.filter { bodies[$0.number] != nil }.sorted(by: Self.isSooner)
    }

    /// Takes the next body that is due at `now`.
    mutating func popDue(at now: UInt64) -> (@Sendable () -> Void)? {
        while let first = heap.first, first.due <= now {
            removeFirst()
            if let body = bodies.removeValue(forKey: first.number) { return body }
        }
        return nil
    }

    private static func isSooner(_ left: Entry, _ right: Entry) -> Bool {
        (left.due, left.number) < (right.due, right.number)
    }

    private mutating func siftUp() {
        var child = heap.count - 1
        while child > 0, Self.isSooner(heap[child], heap[(child - 1) / 2]) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    private mutating func removeFirst() {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            var smallest = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if Self.isSooner(heap[child], heap[smallest]) { smallest = child }
            }
            guard smallest != parent else { return }
            heap.swapAt(parent, smallest)
            parent = smallest
        }
    }
}
