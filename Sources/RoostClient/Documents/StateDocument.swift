package import RoostCore
package import RoostJSON
package import RoostTrace

/// The state of one stream at a moment. Document `roost.state/1`.
package struct StateDocument: Encodable, Sendable {
    package let schema = "roost.state/1"
    package let stream: String
    /// Of the newest event that was folded.
    package let version: StreamVersion
    package let recordedAt: Timestamp
    package let occurredAt: Timestamp
    /// Of the stream.
    package let newestVersion: StreamVersion
    /// How many events were folded.
    package let events: UInt64
    /// Of those, the ones that were recorded after something that occurred later: only when asked by occurred time.
    @Explicit package private(set) var outOfOrder: UInt64?
    package let state: JSONValue

    init(_ last: RecordedEvent, _ selection: MomentSelection, newest: StreamVersion, state: JSONValue) {
        stream = last.stream.description
        version = last.version
        recordedAt = last.recorded
        occurredAt = last.occurred
        newestVersion = newest
        events = selection.taken
        _outOfOrder = Explicit(wrappedValue: selection.outOfOrder)
        self.state = state
    }
}
