package import RoostCore
import RoostLog
import Synchronization

/// What one reader hears and reads: messages from the bus as hints, pages of the log as the truth.
///
/// Bounded in bytes: when the reader is slow, messages are dropped and the log is read instead. Never blocks the bus.
package final class Feed: Sendable {
    package struct Limits: Sendable {
        /// Bytes of messages that wait.
        package var bytesMax = 16 << 20
        /// How often the log is asked for its head although the bus is silent.
        package var lookEvery: Duration = .milliseconds(250)
        package init() {}
    }

    /// How events reached the reader; the sum of drops and repairs proves that the repair path works.
    package struct Counters: Sendable {
        package var messages: UInt64 = 0
        package var heartbeats: UInt64 = 0
        package var droppedFull: UInt64 = 0
        package var refusedForeign: UInt64 = 0
        package var refusedStale: UInt64 = 0
        package var eventsFromBus: UInt64 = 0
        package var eventsFromLog: UInt64 = 0
        package var gaps: UInt64 = 0
        /// Timers of a reactor that were carried out.
        package var timers: UInt64 = 0
        package init() {}
    }

    private struct State {
        var messages: [BusMessage] = []
        var bytes = 0
        var waiter: UnsafeContinuation<Void, Never>?
        var hasTick = false
        var isClosed = false
        var counters = Counters()
    }

    /// What a message costs besides its events, so that heartbeats are bounded too.
    private static let overheadBytes = 256

    private let state = Mutex(State())
    package let limits: Limits
    private let logID: LogID

    package init(logID: LogID, limits: Limits = Limits()) {
        self.logID = logID
        self.limits = limits
    }

    package var counters: Counters { state.withLock { $0.counters } }

    package func count(_ body: (inout Counters) -> Void) { state.withLock { body(&$0.counters) } }

    /// Takes a message from the bus. Never waits: over the limit it is dropped and counted.
    package func offer(_ message: BusMessage) {
        let waiter = state.withLock { state -> UnsafeContinuation<Void, Never>? in
            guard message.logID == logID else {
                state.counters.refusedForeign += 1
                return nil
            }
            if message.kind == .heartbeat { state.counters.heartbeats += 1 } else { state.counters.messages += 1 }
            let bytes = message.events.bytes.count + Self.overheadBytes
            guard state.bytes + bytes <= limits.bytesMax else {
                state.counters.droppedFull += 1
                return nil
            }
            state.bytes += bytes
            state.messages.append(message)
            return Self.takeWaiter(&state)
        }
        waiter?.resume()
    }

    /// Wakes the reader to look at the log although nothing was heard.
    package func tick() {
        let waiter = state.withLock { state in
            state.hasTick = true
            return Self.takeWaiter(&state)
        }
        waiter?.resume()
    }

    package var isClosed: Bool { state.withLock { $0.isClosed } }

    package func close() {
        let waiter = state.withLock { state in
            state.isClosed = true
            return Self.takeWaiter(&state)
        }
        waiter?.resume()
    }

    package enum Heard: Sendable {
        case messages([BusMessage])
        /// Look at the heads of the log.
        case tick
        case closed
    }

    /// What was heard since the last call; waits while there is nothing.
    package func next() async -> Heard {
        while true {
            let heard = state.withLock { state -> Heard? in
                if state.isClosed { return .closed }
                // First, or a busy bus would keep a reader for ever from what the bus has lost.
                if state.hasTick {
                    state.hasTick = false
                    return .tick
                }
                guard !state.messages.isEmpty else { return nil }
                defer {
                    state.messages = []
                    state.bytes = 0
                }
                return .messages(state.messages)
            }
            if let heard { return heard }
            await withUnsafeContinuation { (waiter: UnsafeContinuation<Void, Never>) in
                let mayGo = state.withLock { state in
                    if state.isClosed || state.hasTick || !state.messages.isEmpty { return true }
                    state.waiter = waiter
                    return false
                }
                if mayGo { waiter.resume() }
            }
        }
    }

    private static func takeWaiter(_ state: inout State) -> UnsafeContinuation<Void, Never>? {
        defer { state.waiter = nil }
        return state.waiter
    }
}
