package import RoostCore

/// An event that one projection has set aside instead of applying it, and why. Its payload stays in the log alone.
package struct ParkedEvent: Hashable, Sendable {
    package enum Kind: String, Sendable {
        /// The handler threw, or what reads the event for it.
        case failed
        /// The process died at it, again and again.
        case crashed
        /// An earlier event of its stream is parked: the order within a stream is kept.
        case behind
    }

    package let partition: PartitionID
    package let position: Position
    package let stream: StreamName
    package let type: String
    package let kind: Kind
    /// Why, without anybody's personal data.
    package let reason: String
    package let at: Timestamp
    /// How often it was tried.
    package let attempts: UInt64
    /// Of the event, where it is at hand: leads from a line in a log to the chain.
    package var correlationID: CorrelationID?

    package init(
        _ event: RecordedEvent, of partition: PartitionID, kind: Kind, reason: String, at: Timestamp, attempts: UInt64
    ) {
        self.partition = partition
        position = event.position
        stream = event.stream
        type = event.type
        self.kind = kind
        self.reason = reason
        self.at = at
        self.attempts = attempts
        correlationID = event.correlationID
    }

    package static let columns = "partition, position, stream, type, kind, reason, at, attempts"

    /// A row of `columns`.
    package init(row: [SQLValue]) throws {
        partition = PartitionID(UInt32(row[0].integer ?? 0))
        position = Position(UInt64(row[1].integer ?? 0))
        stream = try StreamName(row[2].text ?? "")
        type = row[3].text ?? ""
        kind = Kind(rawValue: row[4].text ?? "") ?? .failed
        reason = row[5].text ?? ""
        at = Timestamp(nanoseconds: row[6].integer ?? 0)
        attempts = UInt64(row[7].integer ?? 0)
    }

    package var place: EventPlace { EventPlace(partition: partition, position: position) }
}

/// Where an event stands in the log.
package struct EventPlace: Hashable, Sendable {
    package let partition: PartitionID
    package let position: Position

    package init(partition: PartitionID, position: Position) {
        self.partition = partition
        self.position = position
    }
}
