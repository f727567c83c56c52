package import RoostCore
package import RoostTrace

/// What was set aside, visibly: streams that projections have parked, events that were given up, and follow-up commands that
/// reactors set aside because they were refused. Document `roost.parked/1`.
package struct ParkedDocument: Encodable, Sendable {
    /// A stream whose events a projection does not apply now, by its first parked event.
    package struct Stream: Encodable, Sendable {
        package let projection: String
        package let stream: String
        /// All that are parked of it.
        package let events: UInt64
        package let partition: PartitionID
        package let position: Position
        package let type: String
        /// `failed`, `crashed`, or `behind` where the events before it were discarded.
        package let kind: String
        package let reason: String
        package let parkedAt: Timestamp
        package let attempts: UInt64
    }

    /// Events of a stream that were given up for one reason.
    package struct Discarded: Encodable, Sendable {
        package let projection: String
        package let stream: String
        package let reason: String
        package let events: UInt64
    }

    package struct Command: Encodable, Sendable {
        package let reactor: String
        package let parkedAt: Timestamp
        package let command: String
        package let commandID: String
        package let stream: String
        package let code: String
        package let reason: String
        /// The event that led to it: what `roost trace` takes.
        package let eventID: EventID
    }

    package let schema = "roost.parked/1"
    /// By projection, then by stream.
    package let streams: [Stream]
    package let discarded: [Discarded]
    /// The earliest first.
    package let commands: [Command]
}

/// The parked events of one stream. Document `roost.parked-stream/1`.
package struct ParkedStreamDocument: Encodable, Sendable {
    package struct Event: Encodable, Sendable {
        package let partition: PartitionID
        package let position: Position
        package let version: StreamVersion
        package let type: String
        /// `failed`, `crashed` or `behind`.
        package let kind: String
        package let reason: String
        package let parkedAt: Timestamp
        package let attempts: UInt64
        package let eventID: EventID
        package let correlationID: CorrelationID
    }

    package struct Projection: Encodable, Sendable {
        package let projection: String
        /// All that are parked of it.
        package let count: UInt64
        /// The first of them, in order.
        package let events: [Event]
    }

    package let schema = "roost.parked-stream/1"
    package let stream: String
    /// Those in which it is parked.
    package let projections: [Projection]
}

/// What has become of parked events that were tried again or given up. Document `roost.parked-order/1`.
package struct ParkedOrderDocument: Encodable, Sendable {
    package struct Stream: Encodable, Sendable {
        package let projection: String
        package let stream: String
        /// Events that were applied, would be, or were discarded: those before the refused one.
        package let events: UInt64
        /// Null where all events passed.
        @Explicit package private(set) var refused: Refused?

        init(projection: String, stream: String, events: UInt64, refused: Refused?) {
            self.projection = projection
            self.stream = stream
            self.events = events
            _refused = Explicit(wrappedValue: refused)
        }
    }

    /// The event at which a stream stays parked.
    package struct Refused: Codable, Sendable {
        package let partition: PartitionID
        package let position: Position
        package let type: String
        package let reason: String
    }

    package let schema = "roost.parked-order/1"
    /// `retry`, `dryRun` or `discard`.
    package let action: String
    package let events: UInt64
    package let streams: [Stream]

    package var refused: [Stream] { streams.filter { $0.refused != nil } }
}
