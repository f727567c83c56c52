internal import HeapModule

/// What is to happen when, soonest first; equal times in the order they were added. Knows no clock.
struct TimerQueue {
    private struct Entry: Comparable {
        let due: UInt64
        let number: UInt64

        static func < (left: Self, right: Self) -> Bool { (left.due, left.number) < (right.due, right.number) }
    }

    /// Cancelled entries stay until they are due or outnumber the live ones.
    private var heap: Heap<Entry> = []
    private var bodies: [UInt64: @Sendable () -> Void] = [:]
    private var lastNumber: UInt64 = 0

    var isEmpty: Bool { bodies.isEmpty }

    /// When the next timer is due; nil when there is none.
    var nextDue: UInt64? { heap.min?.due }

    /// Returns the number to cancel it by.
    mutating func add(due: UInt64, _ body: @escaping @Sendable () -> Void) -> UInt64 {
        lastNumber += 1
        bodies[lastNumber] = body
        heap.insert(Entry(due: due, number: lastNumber))
        return lastNumber
    }

    /// Without effect on a timer that has fired.
    mutating func cancel(_ number: UInt64) {
        guard bodies.removeValue(forKey: number) != nil, heap.count > 2 * bodies.count + 64 else { return }
        heap = Heap(heap.unordered.filter { bodies[$0.number] != nil })
    }

    /// Takes the next body that is due at `now`.
    mutating func popDue(at now: UInt64) -> (@Sendable () -> Void)? {
        while let first = heap.min, first.due <= now {
            heap.removeMin()
            if let body = bodies.removeValue(forKey: first.number) { return body }
        }
        return nil
    }
}
