package import RoostCore

/// How far a reader has come in one partition, and what it did on the way there.
package struct Progress: Hashable, Sendable {
    package var position: Position
    package var epoch: Epoch
    /// Digest of the commit that holds `position`: proves that the checkpoint belongs to this log.
    package var digest: [UInt8]
    package var applied: UInt64
    package var parked: UInt64
    package var discarded: UInt64

    package init(
        position: Position = .start, epoch: Epoch = .none, digest: [UInt8] = [], applied: UInt64 = 0,
        parked: UInt64 = 0, discarded: UInt64 = 0
    ) {
        self.position = position
        self.epoch = epoch
        self.digest = digest
        self.applied = applied
        self.parked = parked
        self.discarded = discarded
    }
}

/// A reader that cannot go on, and why. Nothing was skipped.
package struct ReaderFailure: Error, Sendable, CustomStringConvertible {
    package let description: String
    /// The chain of the event that it cannot pass; nil when it is about something else.
    package let correlationID: CorrelationID?
    package init(_ description: String, correlationID: CorrelationID? = nil) {
        self.description = description
        self.correlationID = correlationID
    }
}
