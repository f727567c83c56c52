package import RoostCore
package import RoostTrace

/// Everything that happened to a stream. Document `roost.history/1`.
package struct HistoryDocument: Encodable, Sendable {
    /// The event whose handling led to another.
    package struct Cause: Codable, Sendable {
        package let eventID: EventID
        /// The rest is null when the event cannot be found.
        @Explicit package private(set) var type: String?
        @Explicit package private(set) var stream: String?
        @Explicit package private(set) var version: StreamVersion?

        init(_ id: EventID, _ event: RecordedEvent?) {
            eventID = id
            _type = Explicit(wrappedValue: event?.type)
            _stream = Explicit(wrappedValue: event?.stream.description)
            _version = Explicit(wrappedValue: event?.version)
        }
    }

    /// One event and what it changed.
    package struct Entry: Codable, Sendable {
        package let version: StreamVersion
        package let type: String
        package let eventID: EventID
        package let recordedAt: Timestamp
        package let occurredAt: Timestamp
        /// The process that stored it; null when its claim is no longer known.
        @Explicit package private(set) var process: String?
        package let correlationID: CorrelationID
        package let commandID: String
        /// null for what somebody asked for.
        @Explicit package private(set) var cause: Cause?
        package let changes: [FieldChange]

        init(_ event: RecordedEvent, process: String?, cause: Cause?, changes: [FieldChange]) {
            version = event.version
            type = event.type
            eventID = event.eventID
            recordedAt = event.recorded
            occurredAt = event.occurred
            _process = Explicit(wrappedValue: process)
            correlationID = event.correlationID
            commandID = event.commandID.description
            _cause = Explicit(wrappedValue: cause)
            self.changes = changes
        }
    }

    package let schema = "roost.history/1"
    package let stream: String
    package let newestVersion: StreamVersion
    package let entries: [Entry]
    /// Where to go on when not everything is here; null at the end of the stream.
    @Explicit package private(set) var nextVersion: StreamVersion?

    init(stream: String, newestVersion: StreamVersion, entries: [Entry], nextVersion: StreamVersion?) {
        self.stream = stream
        self.newestVersion = newestVersion
        self.entries = entries
        _nextVersion = Explicit(wrappedValue: nextVersion)
    }
}
