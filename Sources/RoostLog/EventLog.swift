public import RoostCore

/// What makes a log this log. Fixed when it is made, but for categories that its placement gains.
public struct LogIdentity: Hashable, Sendable {
    /// Carried by every checkpoint and every bus message: those of another log are refused.
    public let id: LogID
    /// Which partition holds which stream.
    public let placement: Placement
    /// Checks nothing: the log that is made from it refuses what it cannot hold.
    public init(id: LogID, placement: Placement) {
        self.id = id
        self.placement = placement
    }
}

/// Who claims a partition, and where it can be reached.
public struct Claim: Hashable, Sendable {
    /// Set by the log.
    public var epoch: Epoch
    /// The name of the instance, as in `orders-0`.
    public var process: String
    /// Tells this run of the process from earlier ones of the same name.
    public var incarnation: Incarnation
    /// Where the owner takes commands, as in `ipc://…`.
    public var commandEndpoint: String
    /// Where the owner publishes what it commits, as in `ipc://…`.
    public var publishEndpoint: String
    /// By the clock of the claimer: for people, never for deciding who owns the partition.
    public var claimedAt: Timestamp

    /// The log gives the epoch: leave it out when claiming.
    public init(
        epoch: Epoch = .none, process: String, incarnation: Incarnation, commandEndpoint: String,
        publishEndpoint: String, claimedAt: Timestamp
    ) {
        self.epoch = epoch
        self.process = process
        self.incarnation = incarnation
        self.commandEndpoint = commandEndpoint
        self.publishEndpoint = publishEndpoint
        self.claimedAt = claimedAt
    }
}

/// Immutable events in partitions. The log is the truth; everything else can be made again from it.
///
/// Guarantees, checked by `EventLogContract` on every implementation:
/// - Positions of a partition are 1, 2, 3 … and versions of a stream are 1, 2, 3 …, without holes.
/// - A committed event survives the loss of the process at any instant, and is never changed.
/// - Only the newest claim of a partition can append: an older epoch is refused inside the append.
/// - All events of one command are stored together or not at all, next to each other.
/// - The same command ID in the same stream stores one set of events, for the life of the log.
public protocol EventLog: Sendable {
    var identity: LogIdentity { get }
    /// Makes the caller the owner of a partition under the next epoch, and recovers what appending needs.
    /// The claim is durable before anything recovered is served.
    func claim(_ partition: PartitionID, _ claim: Claim) async throws(EventLogError) -> any PartitionWriter
    /// A view for reading. Any number of readers, in any process, beside the one writer.
    func reader(_ partition: PartitionID) throws(EventLogError) -> any PartitionReader
}

extension EventLog {
    /// The reader of the partition that holds `stream`.
    public func reader(of stream: StreamName) throws(EventLogError) -> any PartitionReader {
        guard let partition = identity.placement.partition(of: stream) else {
            throw EventLogError(.missing, "no group of the log holds the category '\(stream.category)'")
        }
        return try reader(partition)
    }
}

/// The one owner of a partition. Confined to the actor that claimed it; calls never overlap.
public protocol PartitionWriter: AnyObject, Sendable {
    var partition: PartitionID { get }
    var epoch: Epoch { get }
    /// The newest committed position.
    var head: Position { get }

    /// Commits the batch: fills `outcomes` (one per entry) and `committed`. Recorded time is `max(now, last)`.
    ///
    /// Throws only for the whole batch: `fenced` (a newer epoch), `unavailable` (certainly nothing stored), or
    /// `outcomeUnknown`, after which this writer refuses every further call and the partition must be claimed anew.
    /// A batch in which nothing is left to store (all conflicts or duplicates) still checks the epoch.
    func append(_ batch: AppendBatch, at now: Timestamp) async throws(EventLogError)

    /// Throws `fenced` unless this epoch still owns the partition: makes an answer without events safe to give.
    func confirmEpoch() async throws(EventLogError)

    /// Does a little of what only the owner may do and no commit waits for, as letting go of events that are archived.
    /// True while there may be more to do at once. To be called now and then; throws as `append` does.
    func tend() async throws(EventLogError) -> Bool

    /// Gives the handle back. The claim stays until somebody else claims.
    func close() async
}

extension PartitionWriter {
    /// Nothing to do.
    public func tend() async throws(EventLogError) -> Bool { false }
}

extension PartitionWriter {
    /// Appends proposals in one commit and returns their outcomes: the value form of `append(_:at:)`.
    public func append(_ proposals: [Proposal], at now: Timestamp) async throws(EventLogError) -> [AppendOutcome] {
        let batch = AppendBatch()
        for proposal in proposals { batch.add(proposal) }
        try await append(batch, at: now)
        return batch.outcomes
    }
}

/// Reads one partition. Every call sees a consistent state of the log, never an uncommitted event.
public protocol PartitionReader: Sendable {
    var partition: PartitionID { get }

    /// The newest position and what proves it: read together. `digest` covers all events up to `position`.
    func head() throws(EventLogError) -> LogHead
    /// The current owner; nil before the first claim.
    func claim() throws(EventLogError) -> Claim?
    /// Everybody who has ever owned the partition, by epoch: tells which process stored an event.
    func claims() throws(EventLogError) -> [Claim]
    /// Up to `limit` (at most 10,000) events after a position, in order. Empty at the head.
    func events(after position: Position, limit: Int) throws(EventLogError) -> EventPage
    /// Up to `limit` (at most 10,000) events of some types after a position, in order, and how far that is: up to there, and no
    /// further than `end`, none of these types is missing. Goes on a bounded way, so a stretch may be empty before `end`.
    ///
    /// Costs as much as there is of these types, as far as the log has an index of types; the events between them are not read.
    func events(
        ofTypes types: Set<String>, after position: Position, through end: Position, limit: Int
    ) throws(EventLogError) -> EventStretch
    /// Up to `limit` events of one stream from a version on, in order.
    func events(of stream: StreamName, from version: StreamVersion, limit: Int) throws(EventLogError) -> EventPage
    /// The newest version of a stream; `.none` when it has no events.
    func version(of stream: StreamName) throws(EventLogError) -> StreamVersion
    /// What the log knows about a command in a stream; nil when it stored no events there.
    func receipt(of command: CommandID, in stream: StreamName) throws(EventLogError) -> Receipt?
    /// All events of a chain that this partition holds, in order.
    func events(correlation: CorrelationID) throws(EventLogError) -> EventPage
    /// One event by its ID; nil when this partition does not hold it.
    func event(_ id: EventID) throws(EventLogError) -> RecordedEvent?
    /// How many events of each type have positions up to and including `position`.
    func counts(through position: Position) throws(EventLogError) -> [String: UInt64]
    /// What is stored of each kind of event, by the position of the first. A kind may come several times, with the counts
    /// of different ranges of positions: each names an event that can be looked at.
    func kinds() throws(EventLogError) -> [KindCount]
    /// The commit that holds a position; nil beyond the head.
    func commit(holding position: Position) throws(EventLogError) -> CommitRecord?
    /// Checks everything stored against itself: positions, versions, epochs, digests. Reports progress by position.
    func verify(progress: (Position) -> Void) throws(EventLogError) -> [LogFinding]
}

/// Some events of a stretch of one partition.
public struct EventStretch: Sendable {
    /// In order, with holes where others stand.
    public let events: EventPage
    /// The end of the stretch: where the next one begins after.
    public let through: Position
    /// `events` must hold everything that was asked for up to `through`.
    public init(events: EventPage, through: Position) {
        self.events = events
        self.through = through
    }

    /// What a page, read after a position, holds of some types: at most `limit` of them.
    package init(_ page: EventPage, after position: Position, ofTypes types: Set<String>, limit: Int) {
        let found = page.filter { types.contains($0.type) }
        let isCut = found.count > limit
        self.init(
            events: .copying(found.prefix(limit)),
            through: (isCut ? found[limit - 1] : page.last)?.position ?? position)
    }
}

extension PartitionReader {
    /// Reads everything and leaves out what was not asked for.
    public func events(
        ofTypes types: Set<String>, after position: Position, through end: Position, limit: Int
    ) throws(EventLogError) -> EventStretch {
        guard position < end else { return EventStretch(events: .empty, through: position) }
        let limit = try ReadLimits.checked(limit)
        let page = try events(after: position, limit: Int(clamping: end.rawValue - position.rawValue))
        return EventStretch(page, after: position, ofTypes: types, limit: limit)
    }
}

/// The newest position of a partition.
public struct LogHead: Hashable, Sendable {
    /// The newest committed position; `.start` for an empty partition.
    public let position: Position
    /// Epoch of the newest commit; `.none` for an empty partition. Who owns the partition now is `claim()`'s answer.
    public let epoch: Epoch
    /// Digest of the newest commit; empty for an empty partition.
    public let digest: [UInt8]
    /// All three belong together: they are read in one consistent state of the log.
    public init(position: Position, epoch: Epoch, digest: [UInt8]) {
        self.position = position
        self.epoch = epoch
        self.digest = digest
    }
}

/// One commit: which positions it holds, under which epoch, and the digest of everything up to its end:
/// SHA-256 of the previous digest followed by the canonical bytes of its events.
public struct CommitRecord: Hashable, Sendable {
    /// Position of its first event.
    public let first: Position
    /// Position of its last event.
    public let last: Position
    /// The ownership under which it was made.
    public let epoch: Epoch
    /// When the log stored it; the recorded time of its events.
    public let recorded: Timestamp
    /// SHA-256, 32 bytes.
    public let digest: [UInt8]
    /// Positions `first` to `last` belong to it, both included.
    public init(first: Position, last: Position, epoch: Epoch, recorded: Timestamp, digest: [UInt8]) {
        self.first = first
        self.last = last
        self.epoch = epoch
        self.recorded = recorded
        self.digest = digest
    }
}

/// How many events of one kind a range of a partition holds, and where the first of them stands.
public struct KindCount: Hashable, Sendable {
    /// Type and schema version, as stored.
    public let kind: EventKind
    /// At least 1.
    public let count: UInt64
    /// The position of one of them: the first of the range.
    public let first: Position
    /// Checks nothing.
    public init(kind: EventKind, count: UInt64, first: Position) {
        self.kind = kind
        self.count = count
        self.first = first
    }
}

/// Something `verify` found wrong: the partition, the position and what was expected there.
public struct LogFinding: Hashable, Sendable, Codable {
    /// The partition that was checked.
    public let partition: PartitionID
    /// Where the problem shows.
    public let position: Position
    /// What was expected there and what was found, without a payload.
    public let problem: String
    /// `problem` is for a person and must not quote a payload.
    public init(partition: PartitionID, position: Position, problem: String) {
        self.partition = partition
        self.position = position
        self.problem = problem
    }
}
