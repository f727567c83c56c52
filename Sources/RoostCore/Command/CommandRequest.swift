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
    /// The partition that holds `stream`.
    public var partition: PartitionID
    /// The epoch of the route the sender used; `.none` when it does not know one.
    public var epoch: Epoch
    /// After this moment nobody waits for the answer any more: an expired command is discarded, unanswered.
    public var deadline: Timestamp
    /// The stream of the aggregate that decides.
    public var stream: StreamName
    /// The declared name of the command.
    public var command: String
    /// A command that is sent again with the same ID and content stores its events once.
    public var commandID: CommandID
    /// Where the stream must stand when the command is decided; elsewhere the answer is a conflict.
    public var expected: ExpectedVersion
    /// nil starts a new chain.
    public var correlationID: CorrelationID?
    /// The event whose handling issued the command; nil for a root.
    public var causationID: EventID?
    /// Steps from the root of the chain, which has depth 0; at most `EventLimits.depthMax`.
    public var depth: UInt16
    /// W3C trace context of the caller, passed on to the events; nil for none.
    public var traceparent: String?
    /// When it happened in the world; nil means now. A given time makes the chain an imported one.
    public var occurred: Timestamp?
    /// JSON.
    public var payload: Bytes

    /// Checks nothing: limits are checked where the command is sent and where it is taken in.
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
