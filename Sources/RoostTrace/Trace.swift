package import RoostCore

/// All events of one chain as a tree by causation. Document `roost.trace/1`.
///
/// A pure value: made from events that were read *after* the readers' checkpoints. In that order `complete` is a
/// proof: whoever has passed an event had stored its follow-ups before, so they are among the events.
package struct Trace: Codable, Sendable {
    package static let schema = "roost.trace/1"

    package let schema: String
    package let correlationID: CorrelationID
    /// Every partition was read, every cause resolves and every reader has passed every event.
    package let complete: Bool
    /// Ordered by recorded time, then by partition and position.
    package let events: [TraceEvent]
    /// Causes that no event of the chain has: something is missing.
    package let missingCauses: [EventID]
    /// Readers that have events of the chain still before them.
    package let waitingFor: [String]
    /// Partitions that may hold more of the chain.
    package let unreadable: [UnreadablePartition]
    /// Commands of the chain that stored nothing because they were refused: follow-ups of reactors always, others as far as
    /// they were observed. null in documents of earlier versions.
    @Explicit package internal(set) var rejected: [RejectedCommand]?
    /// Where causal contracts do not hold in this chain.
    @Explicit package internal(set) var findings: [CausalFinding]?
    /// What is missing among observations; null where nobody collects them.
    @Explicit package internal(set) var gaps: ObservationGaps?
    /// Commands that were put off because of events of the chain, and are still to be sent.
    @Explicit package internal(set) var timers: [ChainTimer]?
    /// The name of the cluster that it was found in.
    @Explicit package internal(set) var cluster: String?
    /// What of this could not be told, and why.
    @Explicit package internal(set) var obstacles: [String]?

    /// `process` names the owner of a partition in an epoch.
    package init(
        correlationID: CorrelationID, events found: [(PartitionID, RecordedEvent)], readers: [TraceReader],
        unreadable: [UnreadablePartition] = [],
        process: (PartitionID, Epoch) -> String?
    ) {
        schema = Self.schema
        self.correlationID = correlationID
        let events = found.map { partition, event in
            TraceEvent(event, partition: partition, process: process(partition, event.epoch), readers: readers)
        }.sorted(by: Self.isEarlier)
        let known = Set(events.map(\.eventID))
        let missing = Set(events.compactMap(\.causationID)).subtracting(known).sorted()
        let waiting = readers.filter { reader in
            !events.allSatisfy { reader.hasPassed($0.partition, $0.position) }
        }.map(\.name)
        self.events = events
        missingCauses = missing
        waitingFor = waiting
        self.unreadable = unreadable
        _rejected = Explicit(wrappedValue: nil)
        _findings = Explicit(wrappedValue: nil)
        _gaps = Explicit(wrappedValue: nil)
        _timers = Explicit(wrappedValue: nil)
        _cluster = Explicit(wrappedValue: nil)
        _obstacles = Explicit(wrappedValue: nil)
        complete = !events.isEmpty && missing.isEmpty && waiting.isEmpty && unreadable.isEmpty
    }

    /// `trace` with other events of it.
    init(_ trace: Trace, events: [TraceEvent]) {
        schema = trace.schema
        correlationID = trace.correlationID
        complete = trace.complete
        self.events = events
        missingCauses = trace.missingCauses
        waitingFor = trace.waitingFor
        unreadable = trace.unreadable
        _rejected = Explicit(wrappedValue: trace.rejected)
        _findings = Explicit(wrappedValue: trace.findings)
        _gaps = Explicit(wrappedValue: trace.gaps)
        _timers = Explicit(wrappedValue: trace.timers)
        _cluster = Explicit(wrappedValue: trace.cluster)
        _obstacles = Explicit(wrappedValue: trace.obstacles)
    }

    /// Processes the chain went through: those that stored its events, issued its commands or applied it, by name.
    package var processes: [String] {
        let owners = events.compactMap(\.process)
        let issuers = events.compactMap(\.issuedBy)
        return Set(owners + issuers + events.flatMap(\.appliedBy)).sorted()
    }

    private static func isEarlier(_ left: TraceEvent, _ right: TraceEvent) -> Bool {
        (left.recordedAt, left.partition, left.position) < (right.recordedAt, right.partition, right.position)
    }
}

/// A command that a reactor has put off.
package struct ChainTimer: Codable, Hashable, Sendable {
    package let due: Timestamp
    package let command: String
    package let stream: String
    package let reactor: String
    /// The event that set it.
    package let causationID: EventID

    package init(due: Timestamp, command: String, stream: String, reactor: String, causationID: EventID) {
        self.due = due
        self.command = command
        self.stream = stream
        self.reactor = reactor
        self.causationID = causationID
    }
}
