package import RoostCore
import RoostLog
import RoostNode

/// A command as somebody outside the cluster gives it.
package struct OutsideCommand: Sendable {
    package var command: String
    package var stream: StreamName
    /// JSON.
    package var data: Bytes
    /// Made when there is none: then every send is a new command.
    package var commandID: CommandID?
    package var correlationID: CorrelationID?
    package var expected: ExpectedVersion
    package var occurred: Timestamp?
    package var traceparent: String?
    package var timeout: Duration

    package init(
        _ command: String, to stream: StreamName, data: Bytes, commandID: CommandID? = nil,
        correlationID: CorrelationID? = nil, expected: ExpectedVersion = .any, occurred: Timestamp? = nil,
        traceparent: String? = nil, timeout: Duration = .seconds(10)
    ) {
        self.command = command
        self.stream = stream
        self.data = data
        self.commandID = commandID
        self.correlationID = correlationID
        self.expected = expected
        self.occurred = occurred
        self.traceparent = traceparent
        self.timeout = timeout
    }
}

/// An outcome and the document that tells it.
package struct Sent: Sendable {
    package let outcome: CommandOutcome
    package let document: SentDocument

    init(
        _ answer: CommandAnswer, commandID: CommandID, stream: StreamName, isPlaced: Bool = true,
        between: [HistoryDocument.Entry]? = nil
    ) {
        outcome = answer.outcome
        document = SentDocument(
            answer, commandID: commandID, stream: stream, isPlaced: isPlaced, between: between)
    }
}

extension ClusterClient {
    /// Sends one command to the owner of its stream, once. What no process could understand is refused here.
    package func send(_ command: OutsideCommand) async -> Sent {
        let id = command.commandID ?? freshCommandID()
        if let refused = refusal(of: command) {
            return Sent(refused, commandID: id, stream: command.stream, isPlaced: false)
        }
        guard let request = request(for: command, id: id) else {
            preconditionFailure("a command without a partition was refused before")
        }
        let answer = await sender.send([request]).first ?? Self.unanswered(request)
        return Sent(
            answer, commandID: id, stream: command.stream,
            between: answer.outcome == .conflict ? between(command.expected, command.stream) : nil)
    }

    private static let betweenMax = 20

    /// What made the caller's version an old one. nil when it cannot be told: the conflict stands all the same.
    private func between(_ expected: ExpectedVersion, _ stream: StreamName) -> [HistoryDocument.Entry]? {
        let base: StreamVersion =
            switch expected {
            case .exactly(let version): version
            case .noStream, .any: .none
            }
        do {
            return try history(of: stream, from: base.next, limit: Self.betweenMax).entries
        } catch {
            return nil
        }
    }

    /// The rejection of a command that cannot be meant; nil when it may be sent.
    package func refusal(of command: OutsideCommand) -> CommandAnswer? {
        let reject = { (code: String, reason: String, next: String?) in
            CommandAnswer(
                number: 0, outcome: .rejected, partition: PartitionID(0), code: code, reason: reason, next: next)
        }
        let index = DomainIndex(domain)
        if let refusal = index.refusal(of: command.command, to: command.stream) {
            return reject(refusal.code, refusal.reason, refusal.next)
        }
        if log.identity.placement.partition(of: command.stream) == nil {
            let error = unknownCategory(command.stream)
            return reject(error.code, error.message, error.hint)
        }
        guard command.data.count <= EventLimits.payloadBytesMax else {
            return reject(
                "payloadTooLarge",
                "the data has \(command.data.count) bytes, \(EventLimits.payloadBytesMax) are allowed",
                "put large content elsewhere and send a reference to it")
        }
        if let refusal = index.refusal(of: command.data, for: command.command, to: command.stream) {
            return reject(refusal.code, refusal.reason, refusal.next)
        }
        return nil
    }

    /// nil when no partition holds the stream.
    package func request(for command: OutsideCommand, id: CommandID, number: UInt64 = 0) -> CommandRequest? {
        guard let partition = log.identity.placement.partition(of: command.stream) else { return nil }
        return CommandRequest(
            number: number, partition: partition, deadline: now() + command.timeout, stream: command.stream,
            command: command.command, commandID: id, expected: command.expected,
            correlationID: command.correlationID, traceparent: command.traceparent, occurred: command.occurred,
            payload: command.data)
    }

    package static func unanswered(_ request: CommandRequest) -> CommandAnswer {
        CommandAnswer(
            number: request.number, outcome: .unknown, partition: request.partition, code: "unanswered",
            reason: "no answer", next: "send it again with the same command ID")
    }

    private func freshCommandID() -> CommandID {
        var ids = UniqueIDs(random: SystemRandomNumberGenerator())
        let id: EventID = ids.next(at: now())
        return CommandID(unchecked: id.description)
    }
}
