package import RoostLog

/// What a pipeline needs to keep snapshots.
package struct SnapshotKeeping: Sendable {
    let store: SnapshotStore
    let reader: any PartitionReader
    let onFailure: @Sendable (any Error) -> Void

    /// `reader` is for making snapshots alone.
    package init(
        store: SnapshotStore, reader: any PartitionReader, onFailure: @escaping @Sendable (any Error) -> Void
    ) {
        self.store = store
        self.reader = reader
        self.onFailure = onFailure
    }
}
