import RoostCore
import Synchronization

/// The owner of a partition in memory.
final class MemoryWriter: PartitionWriter {
    let epoch: Epoch
    private let shared: MemoryPartition

    init(_ shared: MemoryPartition, epoch: Epoch) {
        self.shared = shared
        self.epoch = epoch
    }

    var partition: PartitionID { shared.partition }
    var head: Position { shared.state.withLock { $0.head } }

    func append(_ batch: AppendBatch, at now: Timestamp) async throws(EventLogError) {
        try shared.state.withLock { state throws(EventLogError) in
            try state.confirm(epoch, of: partition)
            try state.append(batch, epoch: epoch, at: now)
        }
    }

    func confirmEpoch() async throws(EventLogError) {
        try shared.state.withLock { state throws(EventLogError) in try state.confirm(epoch, of: partition) }
    }

    func close() async {}
}
