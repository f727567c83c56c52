package import RoostCore
package import RoostJSON

/// One event of a chain, with everything about it that a trace shows.
package struct TraceEvent: Codable, Sendable {
    package let eventID: EventID
    package let type: String
    package let stream: String
    package let version: StreamVersion
    package let partition: PartitionID
    package let position: Position
    @Explicit package private(set) var causationID: EventID?
    package let correlationID: CorrelationID
    /// The process that stored it; null when its claim is no longer known.
    @Explicit package private(set) var process: String?
    package let recordedAt: Timestamp
    package let occurredAt: Timestamp
    /// The reactor whose follow-up command led to it; null for what somebody asked for.
    @Explicit package private(set) var issuedBy: String?
    /// Projections and reactors that handle this type and have passed it.
    package let appliedBy: [String]
    package let commandID: String
    /// Steps from the root of the chain.
    package let depth: UInt16
    @Explicit package private(set) var traceparent: String?
    /// What processes were observed doing about it, in order of time; null where nobody collects that.
    @Explicit package internal(set) var handled: [Handling]?
    /// The payload, only where somebody asked for it.
    @Explicit package internal(set) var data: JSONValue?

    package init(
        _ event: RecordedEvent, partition: PartitionID, process: String?, readers: [TraceReader]
    ) {
        let type = event.type
        let position = event.position
        eventID = event.eventID
        self.type = type
        stream = event.stream.description
        version = event.version
        self.partition = partition
        self.position = position
        _causationID = Explicit(wrappedValue: event.causationID)
        correlationID = event.correlationID
        _process = Explicit(wrappedValue: process)
        recordedAt = event.recorded
        occurredAt = event.occurred
        let issuer = event.causationID == nil ? nil : readers.first { event.commandID.isDerived(by: $0.name) }
        _issuedBy = Explicit(wrappedValue: issuer?.name)
        appliedBy = readers.filter { $0.types.contains(type) && $0.hasPassed(partition, position) }.map(\.name)
        commandID = event.commandID.description
        depth = event.depth
        _traceparent = Explicit(wrappedValue: event.traceparent)
        _handled = Explicit(wrappedValue: nil)
        _data = Explicit(wrappedValue: nil)
    }
}

extension CommandID {
    /// Whether it has the form of a follow-up's ID: `event.part.reactor.index`.
    fileprivate func isDerived(by reactor: String) -> Bool {
        let parts = description.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[2] == reactor
    }
}
