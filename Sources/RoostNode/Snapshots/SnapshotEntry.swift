import Foundation
import GRDB
package import RoostCore

/// What a list says about a snapshot.
package struct SnapshotEntry: Sendable {
    package let stream: StreamName
    package let version: StreamVersion
    package let fold: FoldIdentity
    package let madeAt: Timestamp
    /// Of the state and the command hashes.
    package let byteCount: Int

    /// nil for a row that is damaged.
    init?(_ row: Row) {
        guard let stream = SnapshotRow.value(row, "stream", String.self).flatMap({ SnapshotRow.name($0) }),
            let version = SnapshotRow.value(row, "version", Int64.self), version > 0,
            let revision = SnapshotRow.value(row, "revision", Int64.self),
            let digest = SnapshotRow.value(row, "digest", Data.self),
            let madeAt = SnapshotRow.value(row, "made_at", Int64.self),
            let bytes = SnapshotRow.value(row, "bytes", Int64.self)
        else { return nil }
        self.stream = stream
        self.version = StreamVersion(UInt64(version))
        fold = FoldIdentity(revision: Int(revision), digest: [UInt8](digest))
        self.madeAt = Timestamp(nanoseconds: madeAt)
        byteCount = Int(bytes)
    }
}
