import RoostLog
import Synchronization

/// Between host and log writer: the host fills an open commit, the writer takes what there is whenever it is free.
/// So a commit grows exactly while the previous one is being synced.
package final class CommitQueue: Sendable {
    package struct Limits: Sendable {
        /// A commit that has so many events is closed; the command that reaches it may bring more, for none is split.
        package var eventsMax = 512
        /// Bytes of one commit; one command may exceed it alone.
        package var bytesMax = 1 << 20
        /// Full commits that wait; then the host stops taking commands.
        package var readyMax = 4
        package init() {}
    }

    /// What the writer is to do next.
    package enum Work {
        case store(Commit)
        /// A little of what no commit waits for.
        case tend
    }

    private struct State {
        var ready: [Commit] = []
        var open: Commit?
        var mayTend = false
        var hasJustTended = false
        var generation: UInt64 = 1
        var number: UInt64 = 0
        var writer: UnsafeContinuation<Void, Never>?
        var host: UnsafeContinuation<Void, Never>?
        var isClosed = false
    }

    private let state = Mutex(State())
    private let limits: Limits

    package init(limits: Limits = Limits()) { self.limits = limits }

    /// The open commit, for the host alone until it is checked in. Waits while too many full ones are ready.
    package func checkOut() async -> Commit {
        while state.withLock({ $0.ready.count >= limits.readyMax && !$0.isClosed }) {
            await withUnsafeContinuation { (host: UnsafeContinuation<Void, Never>) in
                let mayGo = state.withLock { state in
                    if state.ready.count < limits.readyMax || state.isClosed { return true }
                    state.host = host
                    return false
                }
                if mayGo { host.resume() }
            }
        }
        return state.withLock { state in
            if let open = state.open {
                state.open = nil
                return open
            }
            state.number += 1
            return Commit(generation: state.generation, number: state.number)
        }
    }

    /// Gives the commit back: full ones wait for the writer, others stay open for more.
    ///
    /// False once the queue is closed: then nobody will store the commit, and the host answers for it.
    package func checkIn(_ commit: Commit) -> Bool {
        let (isTaken, writer) = state.withLock { state -> (Bool, UnsafeContinuation<Void, Never>?) in
            guard !state.isClosed else { return (false, nil) }
            if isFull(commit) { state.ready.append(commit) } else { state.open = commit }
            guard !commit.isEmpty else { return (true, nil) }
            defer { state.writer = nil }
            return (true, state.writer)
        }
        writer?.resume()
        return isTaken
    }

    package func isFull(_ commit: Commit) -> Bool {
        commit.batch.eventCount >= limits.eventsMax || commit.batch.byteCount >= limits.bytesMax
            || commit.replies.count >= limits.eventsMax * 2
    }

    /// Lets the writer tend to its log as soon as it may, with a commit in between where one waits.
    package func tend() {
        let writer = state.withLock { state in
            state.mayTend = true
            defer { state.writer = nil }
            return state.writer
        }
        writer?.resume()
    }

    /// What is next for the writer; nil once the queue is closed and no commit is left.
    package func next() async -> Work? {
        while true {
            let (work, host, isClosed) = state.withLock { state in
                defer { state.host = nil }
                return (Self.takeNext(&state), state.host, state.isClosed)
            }
            host?.resume()
            if let work { return work }
            if isClosed { return nil }
            await withUnsafeContinuation { (writer: UnsafeContinuation<Void, Never>) in
                let mayGo = state.withLock { state in
                    if state.isClosed || state.mayTend || !state.ready.isEmpty || state.open?.isEmpty == false {
                        return true
                    }
                    state.writer = writer
                    return false
                }
                if mayGo { writer.resume() }
            }
        }
    }

    /// Ends the life of all aggregates that decided under `generation`; returns the newest one.
    package func fail(generation: UInt64) -> UInt64 {
        state.withLock { state in
            state.generation = max(state.generation, generation + 1)
            return state.generation
        }
    }

    /// Under which life the host decides now.
    package var generation: UInt64 { state.withLock { $0.generation } }

    package func close() {
        let waiting = state.withLock { state in
            state.isClosed = true
            defer {
                state.writer = nil
                state.host = nil
            }
            return [state.writer, state.host]
        }
        for continuation in waiting { continuation?.resume() }
    }

    private static func takeNext(_ state: inout State) -> Work? {
        if state.mayTend, !state.hasJustTended, !state.isClosed {
            state.mayTend = false
            state.hasJustTended = true
            return .tend
        }
        state.hasJustTended = false
        return takeCommit(&state).map { .store($0) } ?? (state.mayTend && !state.isClosed ? takeNext(&state) : nil)
    }

    private static func takeCommit(_ state: inout State) -> Commit? {
        if !state.ready.isEmpty { return state.ready.removeFirst() }
        guard let open = state.open, !open.isEmpty else { return nil }
        state.open = nil
        return open
    }
}
