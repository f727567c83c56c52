package import RoostCore
package import RoostTrace

/// What a restore did. Document `roost.restore/1`.
package struct RestoreDocument: Encodable, Sendable {
    package let schema = "roost.restore/1"
    package let cluster: String
    package let logID: LogID
    package let madeAt: Timestamp
    package let events: UInt64
    /// Events that the log of before held and the restored one does not; null when there was no log that could be read.
    @Explicit package private(set) var eventsAside: UInt64?
    /// Where everything that was there before is now; null when nothing was.
    @Explicit package private(set) var movedTo: String?
    /// Projections that stood where the restored log does not reach: made again at the next start.
    package let remade: [String]

    /// A feed whose newest public events are not in the backup: the numbers after `newest` are given out again.
    package struct Feed: Encodable, Sendable {
        package let feed: String
        package let newest: UInt64
        package let was: UInt64
    }
    package let feeds: [Feed]
    /// Subjects that were erased after the backup was made: the log does not record it any more.
    package let erased: [String]

    init(
        _ manifest: BackupManifest, cluster: String, eventsAside: UInt64?, movedTo: String?, remade: [String],
        feeds: [Feed], erased: [String]
    ) {
        self.cluster = cluster
        logID = manifest.logID
        madeAt = manifest.madeAt
        events = manifest.events
        _eventsAside = Explicit(wrappedValue: eventsAside)
        _movedTo = Explicit(wrappedValue: movedTo)
        self.remade = remade
        self.feeds = feeds
        self.erased = erased
    }
}
