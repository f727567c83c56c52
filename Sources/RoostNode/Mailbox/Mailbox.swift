import Synchronization

/// Hands elements from any thread to one consumer, first in, first out, never more than `capacity` at a time.
///
/// The consumer takes everything that waits in one go, so a busy consumer pays for one wake per slice.
package final class Mailbox<Element: Sendable>: Sendable {
    private struct State {
        var elements: [Element] = []
        var consumer: UnsafeContinuation<Void, Never>?
        var producers: [UnsafeContinuation<Void, Never>] = []
        var isClosed = false
    }

    private let state = Mutex(State())
    package let capacity: Int

    package init(capacity: Int) { self.capacity = capacity }

    /// Whether it refuses everything from now on.
    package var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Puts one element in; false when the mailbox is full or closed.
    package func offer(_ element: Element) -> Bool { offer([element]) == 1 }

    /// Puts as many elements in as there is room for, from the front; returns how many.
    package func offer(_ elements: [Element]) -> Int {
        let (accepted, consumer) = state.withLock { state -> (Int, UnsafeContinuation<Void, Never>?) in
            guard !state.isClosed else { return (0, nil) }
            let accepted = min(elements.count, capacity - state.elements.count)
            guard accepted > 0 else { return (0, nil) }
            state.elements.append(contentsOf: elements.prefix(accepted))
            defer { state.consumer = nil }
            return (accepted, state.consumer)
        }
        consumer?.resume()
        return accepted
    }

    /// Waits for room, then puts the element in; false when the mailbox is closed.
    package func send(_ element: Element) async -> Bool {
        while !offer(element) {
            if state.withLock({ $0.isClosed }) { return false }
            await withUnsafeContinuation { (producer: UnsafeContinuation<Void, Never>) in
                let mayGo = state.withLock { state in
                    if state.isClosed || state.elements.count < capacity { return true }
                    state.producers.append(producer)
                    return false
                }
                if mayGo { producer.resume() }
            }
        }
        return true
    }

    /// Everything that waits, at least one element; nil once the mailbox is closed and empty.
    package func take() async -> [Element]? {
        while true {
            let (elements, producers, isClosed) = state.withLock { state in
                defer {
                    state.elements = []
                    state.producers = []
                }
                return (state.elements, state.producers, state.isClosed)
            }
            for producer in producers { producer.resume() }
            if !elements.isEmpty { return elements }
            if isClosed { return nil }
            await wait()
        }
    }

    /// Refuses further elements; the consumer still gets what waits.
    package func close() {
        let (consumer, producers) = state.withLock { state in
            state.isClosed = true
            defer {
                state.consumer = nil
                state.producers = []
            }
            return (state.consumer, state.producers)
        }
        consumer?.resume()
        for producer in producers { producer.resume() }
    }

    private func wait() async {
        await withUnsafeContinuation { (consumer: UnsafeContinuation<Void, Never>) in
            let mayGo = state.withLock { state in
                if state.isClosed || !state.elements.isEmpty { return true }
                precondition(state.consumer == nil, "a mailbox has one consumer")
                state.consumer = consumer
                return false
            }
            if mayGo { consumer.resume() }
        }
    }
}
