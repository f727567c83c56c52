import RoostCore
import RoostZeroMQ

/// One command of a caller until it is answered.
final class PendingCommand {
    var request: CommandRequest
    let callerNumber: UInt64
    let index: Int
    let call: CommandCall
    /// Monotonic, in nanoseconds.
    let deadline: UInt64
    /// When it was last given to a link.
    var routedAt: UInt64 = 0
    var link: CommandLink?
    /// It may have been executed: its link's credit is used and only an answer can say.
    var wasSent = false
    var isSettled = false
    /// Counts its ways into queues: an entry with an older one is void.
    var ticket = 0

    init(_ request: CommandRequest, number: UInt64, index: Int, call: CommandCall, deadline: UInt64) {
        self.request = request
        self.request.number = number
        callerNumber = request.number
        self.index = index
        self.call = call
        self.deadline = deadline
    }
}

/// One call of `send`: resumed when its last answer is there.
final class CommandCall {
    private var answers: [CommandAnswer?]
    private var missing: Int
    private let continuation: CheckedContinuation<[CommandAnswer], Never>

    init(count: Int, continuation: CheckedContinuation<[CommandAnswer], Never>) {
        answers = Array(repeating: nil, count: count)
        missing = count
        self.continuation = continuation
    }

    func settle(_ index: Int, _ answer: CommandAnswer) {
        precondition(answers[index] == nil, "a command is answered once")
        answers[index] = answer
        missing -= 1
        if missing == 0 { continuation.resume(returning: answers.compactMap { $0 }) }
    }
}

/// The connection to one owner: a DEALER socket, its credit, and the commands that wait for it.
final class CommandLink {
    /// Commands in one message.
    private static let commandsPerMessage = 1024

    let endpoint: String
    let socket: Socket
    var credit = Int(CommandLayout.initialCredit)
    var inFlight = 0
    /// The owner did not accept this process's key, and has said nothing since.
    var isTurnedAway = false
    private var queue: [(command: PendingCommand, ticket: Int)] = []
    private var head = 0
    /// The socket refused a message: nobody is connected, or its queue is full.
    private var isBlocked = false

    init(endpoint: String, socket: Socket) {
        self.endpoint = endpoint
        self.socket = socket
    }

    var isEmpty: Bool { inFlight == 0 && head == queue.count }

    func append(_ command: PendingCommand) {
        command.ticket += 1
        queue.append((command, command.ticket))
    }

    /// Sends what the credit allows; returns how many messages. Goes on by itself when the socket can send again.
    func flush(logID: LogID, isWritable: @escaping () -> Void) throws(ZeroMQError) -> Int {
        var messages = 0
        while !isBlocked, inFlight < credit {
            let (batch, end) = nextBatch()
            guard !batch.isEmpty else { break }
            guard try socket.send(CommandFrames.encode(batch.lazy.map(\.request), logID: logID)) else {
                isBlocked = true
                socket.onWritable {
                    self.isBlocked = false
                    isWritable()
                }
                break
            }
            for command in batch { command.wasSent = true }
            inFlight += batch.count
            remove(through: end)
            messages += 1
        }
        return messages
    }

    /// The next commands that fit into one message and into the credit, and where they end. Leaves them queued.
    private func nextBatch() -> (batch: [PendingCommand], end: Int) {
        var batch: [PendingCommand] = []
        var bytes = 0
        let room = min(credit - inFlight, Self.commandsPerMessage)
        var index = head
        while index < queue.count, batch.count < room {
            let (command, ticket) = queue[index]
            if command.ticket == ticket, !command.isSettled {
                bytes += CommandFrames.byteCount(command.request)
                if !batch.isEmpty, bytes > CommandLayout.splitBytes { break }
                batch.append(command)
            }
            index += 1
        }
        if batch.isEmpty { remove(through: index) }
        return (batch, index)
    }

    private func remove(through end: Int) {
        head = end
        guard head == queue.count || head > 4096 else { return }
        queue.removeFirst(head)
        head = 0
    }
}
