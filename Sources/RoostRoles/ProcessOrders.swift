package import RoostCluster
package import RoostCore
import Synchronization

/// What the supervisor told this process, for those it concerns. Of several orders of a kind the newest counts.
package final class ProcessOrders: Sendable {
    /// An element for every change of `partitions`, but not one each; ends when the process is to stop. For one reader.
    package let changes: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation
    private let wanted = Mutex<Set<PartitionID>>([])

    package init() {
        (changes, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// The partitions that this process shall own; none before the first order.
    package var partitions: Set<PartitionID> { wanted.withLock { $0 } }

    package func take(_ order: ProcessOrder) {
        switch order {
        case .own(let partitions):
            wanted.withLock { $0 = Set(partitions.map { PartitionID($0) }) }
            continuation.yield()
        case .faults: return
        }
    }

    /// Nobody gives orders any more.
    package func end() { continuation.finish() }
}
