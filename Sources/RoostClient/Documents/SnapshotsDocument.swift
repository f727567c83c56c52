package import RoostCore
import RoostNode

/// The snapshots that are kept. Document `roost.snapshots/1`.
package struct SnapshotsDocument: Encodable, Sendable {
    package struct Entry: Encodable, Sendable {
        package let stream: String
        package let version: StreamVersion
        /// Of the stream: loading folds what lies between.
        package let newestVersion: StreamVersion
        package let madeAt: Timestamp
        /// Of its state and its command hashes.
        package let bytes: Int
        /// False when the code of this application folds otherwise: it will be replaced, not loaded.
        package let isUsable: Bool

        init(_ entry: SnapshotEntry, newest: StreamVersion, isUsable: Bool) {
            stream = entry.stream.description
            version = entry.version
            newestVersion = newest
            madeAt = entry.madeAt
            bytes = entry.byteCount
            self.isUsable = isUsable
        }
    }

    /// When snapshots of a category are made.
    package struct Policy: Encodable, Sendable {
        package let category: String
        /// Events between two snapshots of a stream; 0 for none.
        package let every: UInt64
        package let foldRevision: Int
        /// Types of events that the aggregate's samples do not show: while there are any, no snapshots are made.
        package let withoutSample: [String]
    }

    package let schema = "roost.snapshots/1"
    package let policies: [Policy]
    /// How many there are; `snapshots` may show fewer.
    package let count: Int
    package let snapshots: [Entry]
}
