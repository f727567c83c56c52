public import RoostCore
import Synchronization

/// The log that defines the behaviour: it keeps every guarantee of `EventLog` but survival of the process.
///
/// It has no clock and no randomness: the same calls give the same bytes. Safe to use from any thread.
public final class MemoryLog: EventLog {
    /// The identity that the log was made with.
    public let identity: LogIdentity
    private let partitions: [PartitionID: MemoryPartition]

    /// An empty log with all partitions of the placement.
    public init(identity: LogIdentity) {
        self.identity = identity
        partitions = Dictionary(
            uniqueKeysWithValues: identity.placement.partitions.map { ($0, MemoryPartition(partition: $0)) })
    }

    /// Succeeds for every partition of the log, at once. Throws `missing` for another.
    public func claim(_ partition: PartitionID, _ claim: Claim) async throws(EventLogError) -> any PartitionWriter {
        let shared = try find(partition)
        return MemoryWriter(shared, epoch: shared.state.withLock { $0.claim(claim) })
    }

    /// Sees what the writer has committed, from any thread. Throws `missing` for a partition outside the log.
    public func reader(_ partition: PartitionID) throws(EventLogError) -> any PartitionReader {
        MemoryReader(try find(partition))
    }

    private func find(_ partition: PartitionID) throws(EventLogError) -> MemoryPartition {
        guard let found = partitions[partition] else {
            throw EventLogError(
                .missing, "the log has no partition \(partition); it has \(identity.placement.partitionCount)")
        }
        return found
    }
}
