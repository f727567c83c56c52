/// What the caller believes the stream looks like. There is no default: silence is how lost updates begin.
public enum ExpectedVersion: Hashable, Sendable {
    case noStream
    case exactly(StreamVersion)
    case any
}

/// One command on its way to the owner of a stream.
public struct CommandRequest: Sendable {
    /// The sender's own number, returned with the answer.
    public var number: UInt64
    public var partition: PartitionID
    /// The epoch of the route the sender used; `.none` when it does not know one.
    public var epoch: Epoch
    /// After this moment nobody waits for the answer any more: an expired command is discarded, unanswered.
    public var deadline: Timestamp
    public var stream: StreamName
    /// The declared name of the command.
    public var command: String
    public var commandID: CommandID
    public var expected: ExpectedVersion
    /// nil starts a new chain.
    public var correlationID: CorrelationID?
    public var causationID: EventID?
    public var depth: UInt16
    public var traceparent: String?
    /// When it happened in the world; nil means now. A given time makes the chain an imported one.
    public var occurred: Timestamp?
    /// JSON.
    public var payload: Bytes

    public init(
        number: UInt64 = 0, partition: PartitionID, epoch: Epoch = .none, deadline: Timestamp, stream: StreamName,
        command: String, commandID: CommandID, expected: ExpectedVersion = .any, correlationID: CorrelationID? = nil,
        causationID: EventID? = nil, depth: UInt16 = 0, traceparent: String? = nil, occurred: Timestamp? = nil,
        payload: Bytes
    ) {
        self.number = number
        self.partition = partition
        self.epoch = epoch
        self.deadline = deadline
        self.stream = stream
        self.command = command
        self.commandID = commandID
        self.expected = expected
        self.correlationID = correlationID
        self.causationID = causationID
        self.depth = depth
        self.traceparent = traceparent
        self.occurred = occurred
        self.payload = payload
    }
}
