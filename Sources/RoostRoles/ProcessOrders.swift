package import RoostCluster
package import RoostCore
import Synchronization

/// What the supervisor told this process, for those it concerns. Of several orders of a kind the newest counts.
package final class ProcessOrders: Sendable {
    /// An element for every change of `partitions`, but not one each; ends when the process is to stop. For one reader.
    package let changes: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation
    private let wanted = Mutex(Wanted())

    package init() {
        (changes, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// The newest order about partitions: which the process shall own, none before the first order.
    package struct Wanted: Sendable {
        package var partitions: Set<PartitionID> = []
        package var number: Int64 = 0
    }

    package var newest: Wanted { wanted.withLock { $0 } }
    package var partitions: Set<PartitionID> { newest.partitions }

    /// Lets the reader of `changes` have another look.
    package func lookAgain() { continuation.yield() }

    package func take(_ order: ProcessOrder) {
        switch order {
        case .own(let partitions, let number):
            wanted.withLock { $0 = Wanted(partitions: Set(partitions.map { PartitionID($0) }), number: number) }
            continuation.yield()
        case .faults: return
        }
    }

    /// Nobody gives orders any more.
    package func end() { continuation.finish() }
}
