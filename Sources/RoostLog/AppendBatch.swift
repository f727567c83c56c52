public import RoostCore

/// The events of one command, in value form: what a test or an import appends.
public struct Proposal: Sendable {
    /// What all events of the command share, first of all their stream.
    public var context: CommandContext
    /// Where the stream must stand; elsewhere the outcome is a version conflict.
    public var expected: ExpectedVersion
    /// Stored together, in this order, under consecutive versions; at least one.
    public var events: [NewEvent]
    /// The caller has itself compared the command ID with every event of the stream up to this version.
    /// When it equals the stream's version, the log takes the caller's word and looks for the command nowhere.
    public var comparedThrough: StreamVersion

    /// Checks nothing: the limits of events are the caller's to keep.
    public init(
        _ context: CommandContext, expected: ExpectedVersion, events: [NewEvent],
        comparedThrough: StreamVersion = .none
    ) {
        self.context = context
        self.expected = expected
        self.events = events
        self.comparedThrough = comparedThrough
    }
}

/// What became of one proposal.
public enum AppendOutcome: Hashable, Sendable {
    /// Durable. The numbers are those of the last event.
    case committed(version: StreamVersion, position: Position)
    /// Somebody else wrote first. Nothing of this proposal was stored.
    case versionConflict(actual: StreamVersion)
    /// The same command was stored before; the answer is the same as then. Nothing new was stored.
    case duplicate(Receipt)
    /// The command ID was stored before with other content. Nothing was stored.
    case commandIDReused
}

/// What the log knows about a command that stored events.
public struct Receipt: Hashable, Sendable {
    /// How many events the command stored.
    public let events: Int
    /// Version of its last event.
    public let version: StreamVersion
    /// Position of its last event.
    public let position: Position
    /// Tells commands with the same ID but other content apart.
    public let fingerprint: UInt64
    /// The chain that the stored events belong to.
    public let correlationID: CorrelationID

    /// `version` and `position` are those of the last event.
    public init(
        events: Int, version: StreamVersion, position: Position, fingerprint: UInt64, correlationID: CorrelationID
    ) {
        self.events = events
        self.version = version
        self.position = position
        self.fingerprint = fingerprint
        self.correlationID = correlationID
    }
}

/// Commands on their way into one commit. Encoded once: the same bytes are stored, digested and published.
///
/// Handed from the host to the log and on to the publisher; only its current owner touches it.
public final class AppendBatch: @unchecked Sendable {
    // @unchecked: one owner at a time, handed over through a mailbox.

    /// One command of the batch.
    package struct Entry: Sendable {
        package let stream: StreamName
        package let commandID: CommandID
        package let fingerprint: UInt64
        package let expected: ExpectedVersion
        package let comparedThrough: StreamVersion
        /// Where its records start in the arena, and how many there are. A batch never holds an entry without events.
        package let offset: Int
        package let eventCount: Int
    }

    package private(set) var entries: [Entry] = []
    package var writer = EventWriter()
    /// Events of all entries.
    public private(set) var eventCount = 0
    /// Set by the log, one per entry, in order.
    public package(set) var outcomes: [AppendOutcome] = []
    /// Set by the log: what this commit stored, canonical bytes in the order of positions. Empty if nothing was stored.
    public package(set) var committed: EventPage = .empty

    /// An empty batch, for one commit.
    public init() {}

    /// No command has been added: there is nothing to commit.
    public var isEmpty: Bool { entries.isEmpty }
    /// How many proposals were added, which is how many outcomes there will be.
    public var commandCount: Int { entries.count }
    /// Bytes of the arena: a batch is closed before it outgrows a bus message.
    package var byteCount: Int { writer.count }

    /// Adds a proposal. Limits (events per command, payload size) are the caller's to check.
    public func add(_ proposal: Proposal) {
        precondition(!proposal.events.isEmpty, "a proposal has at least one event")
        let offset = writer.count
        for event in proposal.events { _ = writer.append(proposal.context, event) }
        closeEntry(
            proposal.context, expected: proposal.expected, comparedThrough: proposal.comparedThrough, from: offset,
            events: proposal.events.count)
    }

    /// Adds an entry whose records the caller has just written to `writer`, from `offset` to its end.
    package func closeEntry(
        _ context: CommandContext, expected: ExpectedVersion, comparedThrough: StreamVersion, from offset: Int,
        events: Int
    ) {
        entries.append(
            Entry(
                stream: context.stream, commandID: context.commandID, fingerprint: context.fingerprint,
                expected: expected, comparedThrough: comparedThrough, offset: offset, eventCount: events))
        eventCount += events
    }
}
