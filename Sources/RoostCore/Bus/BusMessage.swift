/// One message on the bus: the events of a commit (or of a part of it), or a heartbeat. Always a hint: the log is the truth.
public struct BusMessage: Sendable {
    /// What a message carries; the raw values are part of the protocol.
    public enum Kind: UInt8, Hashable, Sendable { case events = 1, heartbeat = 2 }

    /// Decides what `first`, `newest` and `events` mean.
    public let kind: Kind
    /// `<group>.<partition as 8 hex digits>`.
    public let topic: String
    /// The log of the publisher: a subscriber drops messages of another log.
    public let logID: LogID
    /// The partition that all events of the message belong to.
    public let partition: PartitionID
    /// The publisher's ownership: a subscriber drops messages of an older epoch than it has seen.
    public let epoch: Epoch
    /// Position of the first event; for a heartbeat the same as `newest`.
    public let first: Position
    /// The newest committed position when the message was sent, so that a lost last message is noticed.
    public let newest: Position
    /// Empty for a heartbeat; contiguous positions from `first` otherwise.
    public let events: EventPage

    package init(
        kind: Kind, topic: String, logID: LogID, partition: PartitionID, epoch: Epoch, first: Position,
        newest: Position, events: EventPage
    ) {
        self.kind = kind
        self.topic = topic
        self.logID = logID
        self.partition = partition
        self.epoch = epoch
        self.first = first
        self.newest = newest
        self.events = events
    }

    /// The topic of a partition of a group.
    public static func topic(group: String, partition: PartitionID) -> String {
        let digits = String(partition.rawValue, radix: 16)
        return "\(group).\(String(repeating: "0", count: 8 - digits.count))\(digits)"
    }
}
