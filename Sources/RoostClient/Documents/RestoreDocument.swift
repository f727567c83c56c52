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

    init(
        _ manifest: BackupManifest, cluster: String, eventsAside: UInt64?, movedTo: String?, remade: [String]
    ) {
        self.cluster = cluster
        logID = manifest.logID
        madeAt = manifest.madeAt
        events = manifest.events
        _eventsAside = Explicit(wrappedValue: eventsAside)
        _movedTo = Explicit(wrappedValue: movedTo)
        self.remade = remade
    }
}
