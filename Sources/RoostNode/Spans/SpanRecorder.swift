import DequeModule
package import RoostCore
package import RoostTrace
import Synchronization

/// Takes down what a process does until it is reported. From any thread; never waits and never grows beyond its bounds:
/// the oldest entries are dropped and counted.
package final class SpanRecorder: Sendable {
    fileprivate struct State {
        var spans: Deque<HandlingSpan> = []
        var rejected: Deque<RejectedCommand> = []
        var dropped: UInt64 = 0
        var number: UInt64 = 0
    }

    /// Entries of each kind that wait.
    private static let waitingMax = 8192
    /// Entries of each kind in one report.
    private static let reportMax = 512
    /// Bytes of a rejection's reason: it is stated by the domain.
    private static let reasonBytesMax = 500

    private let state = Mutex(State())
    private let logID: LogID
    private let process: String
    private let incarnation: Incarnation
    private let clock: any NodeClock

    package init(process: String, incarnation: Incarnation, logID: LogID, clock: any NodeClock) {
        self.process = process
        self.incarnation = incarnation
        self.logID = logID
        self.clock = clock
    }

    package var now: Timestamp { clock.now }

    package func note(_ span: HandlingSpan) {
        state.withLock { state in
            state.spans.append(span)
            state.trim()
        }
    }

    package func note(_ rejected: RejectedCommand) {
        state.withLock { state in
            state.rejected.append(rejected)
            state.trim()
        }
    }

    /// Leaves out why commands that wait to be reported were refused: somebody's data may be in it.
    package func forgetReasons() {
        state.withLock { state in
            for index in state.rejected.indices { state.rejected[index].reason = "erased" }
        }
    }

    /// What is to be noted of an answer once it is given; nil for one that refuses nothing, or refuses it for a state of the
    /// cluster that passes.
    func refusal(_ answer: CommandAnswer, of request: CommandRequest) -> RejectedCommand? {
        guard answer.outcome == .rejected || answer.outcome == .conflict else { return nil }
        return RejectedCommand(
            at: now, partition: request.partition, stream: request.stream.description, command: request.command,
            commandID: request.commandID.description, correlationID: request.correlationID,
            causationID: request.causationID, code: answer.code ?? "rejected",
            reason: String(decoding: (answer.reason ?? "").utf8.prefix(Self.reasonBytesMax), as: UTF8.self))
    }

    /// What waits, as the next report; nil when nothing does.
    package func report() -> SpanReport? {
        state.withLock { state in
            guard !state.spans.isEmpty || !state.rejected.isEmpty else { return nil }
            state.number += 1
            defer {
                state.spans.removeFirst(min(Self.reportMax, state.spans.count))
                state.rejected.removeFirst(min(Self.reportMax, state.rejected.count))
            }
            return SpanReport(
                logID: logID, process: process, incarnation: incarnation, number: state.number, dropped: state.dropped,
                spans: Array(state.spans.prefix(Self.reportMax)),
                rejected: Array(state.rejected.prefix(Self.reportMax)))
        }
    }

    /// Takes the newest report back, because nobody could take it now.
    package func takeBack(_ report: SpanReport) {
        state.withLock { state in
            state.number = report.number - 1
            state.spans.insert(contentsOf: report.spans, at: 0)
            state.rejected.insert(contentsOf: report.rejected, at: 0)
            state.trim()
        }
    }

    fileprivate static func excess(_ count: Int) -> Int { max(0, count - waitingMax) }
}

extension SpanRecorder.State {
    fileprivate mutating func trim() {
        let excess = (spans: SpanRecorder.excess(spans.count), rejected: SpanRecorder.excess(rejected.count))
        guard excess.spans + excess.rejected > 0 else { return }
        spans.removeFirst(excess.spans)
        rejected.removeFirst(excess.rejected)
        dropped += UInt64(excess.spans + excess.rejected)
    }
}
