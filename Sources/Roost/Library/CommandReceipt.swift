import RoostClient

/// What an accepted command stored. Everything in it is durable.
public struct CommandReceipt: Hashable, Sendable {
    /// The identity of the command: sent again under it, it is not executed again.
    public let commandID: CommandID
    /// The chain that it began or belongs to; nil when it stored nothing.
    public let correlationID: CorrelationID?
    /// How many events it stored; none when there was nothing to do.
    public let events: Int
    /// Of the stream, after its last event.
    public let version: StreamVersion
    /// Where the stream is.
    public let partition: PartitionID
    /// Of its last event: what a query can wait for.
    public let position: Position

    init(_ document: SentDocument) throws {
        commandID = try CommandID(document.commandID)
        correlationID = document.correlationID
        events = document.events
        version = document.version
        partition = document.partition ?? PartitionID(0)
        position = document.position
    }
}

/// A command that was not accepted, and what that means.
public struct CommandFailure: Error, Sendable, CustomStringConvertible {
    /// What became of it.
    public let outcome: CommandOutcome
    /// A constant word for programs, such as `versionConflict`.
    public let code: String
    /// Why, for a person.
    public let reason: String
    /// What would help, for a person.
    public let next: String?
    /// After a conflict: the version that the stream really has.
    public let version: StreamVersion

    init(_ sent: Sent) {
        outcome = sent.outcome
        code = sent.document.code ?? sent.document.outcome
        reason = sent.document.reason ?? sent.document.outcome
        next = sent.document.next
        version = sent.document.version
    }

    /// Sending again, or deciding again after a conflict, may succeed. `unknown` may have been executed: send the same command
    /// under the same ID.
    public var mayBeRetried: Bool { outcome != .rejected && outcome != .accepted }

    /// The outcome and the reason.
    public var description: String { "\(sentence)\(next.map { ". \($0)" } ?? "")" }
    private var sentence: String { "\(code): \(reason)" }
}
