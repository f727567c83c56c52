package import RoostCluster
package import RoostCore

/// What the supervisor told this process, for those it concerns. Of several orders of a kind the newest counts.
package final class ProcessOrders: Sendable {
    /// The partitions that this process shall own; ends when the process is to stop. For one reader.
    package let partitions: AsyncStream<Set<PartitionID>>
    private let own: AsyncStream<Set<PartitionID>>.Continuation

    package init() {
        (partitions, own) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    package func take(_ order: ProcessOrder) {
        switch order {
        case .own(let partitions): own.yield(Set(partitions.map { PartitionID($0) }))
        case .faults: return
        }
    }

    /// Nobody gives orders any more.
    package func end() { own.finish() }
}
