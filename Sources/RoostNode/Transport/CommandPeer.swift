import RoostCore
import RoostZeroMQ

/// One sender of commands: what it has in flight, and the answers of this turn.
final class CommandPeer: AnswerPort, @unchecked Sendable {
    // @unchecked: what changes is touched on the thread alone.
    private let thread: SocketThread
    private let send: @Sendable ([CommandAnswer]) -> Void
    private var answers: [CommandAnswer] = []
    /// Number and deadline: whoever waits behind a discarded command does so no longer than its deadline.
    private var inFlight: [UInt64: Timestamp] = [:]

    /// `send` gets all answers of one turn.
    init(thread: SocketThread, send: @escaping @Sendable ([CommandAnswer]) -> Void) {
        self.thread = thread
        self.send = send
    }

    var isIdle: Bool { inFlight.isEmpty && answers.isEmpty }

    /// False when the peer has used its credit up.
    func admit(_ request: CommandRequest, credit: Int, now: Timestamp) -> Bool {
        if inFlight.count >= credit { inFlight = inFlight.filter { $0.value >= now } }
        guard inFlight.count < credit else { return false }
        inFlight[request.number] = request.deadline
        return true
    }

    func deliver(_ more: [CommandAnswer]) {
        guard thread.isCurrent else { return thread.perform { self.deliver(more) } }
        if answers.isEmpty { thread.atEndOfTurn { self.flush() } }
        for answer in more { inFlight[answer.number] = nil }
        answers += more
    }

    func flush() {
        guard !answers.isEmpty else { return }
        let leaving = answers
        answers = []
        send(leaving)
    }
}
