import RoostCore
import RoostNode
import Synchronization

/// The partitions that a process has open, from any thread. Commands for one that is being opened wait for it; those for
/// one that is elsewhere are sent on.
final class OpenPartitions: Sendable {
    /// One open partition, until its pipeline has ended.
    struct Entry: Sendable {
        let pipeline: PartitionPipeline
        /// Fires when everything it accepted is answered and its file is closed.
        let ended = StopSignal()
    }

    fileprivate struct State {
        var entries: [PartitionID: Entry] = [:]
        /// Commands for partitions that are still to be opened.
        var early: [PartitionID: [CommandDelivery]] = [:]
        var isClosed = false
    }

    /// Commands that wait for one partition to be opened.
    private static let earlyMax = 1024
    private let state = Mutex(State())
    /// Who claimed a partition last.
    private let route: @Sendable (PartitionID) -> CommandAnswer.Route?

    init(route: @escaping @Sendable (PartitionID) -> CommandAnswer.Route?) { self.route = route }

    /// Those that take commands, in order.
    var pipelines: [PartitionPipeline] {
        state.withLock { $0.entries.sorted { $0.key < $1.key }.map(\.value.pipeline) }
    }

    /// In order.
    var partitions: [PartitionID] { state.withLock { $0.entries.keys.sorted() } }

    /// From now on commands for these wait until they are open; what waited for others is sent on.
    func expect(_ partitions: Set<PartitionID>) {
        let foreign = state.withLock { state in
            for partition in partitions where state.entries[partition] == nil && state.early[partition] == nil {
                state.early[partition] = []
            }
            let foreign = state.early.filter { !partitions.contains($0.key) }
            for partition in foreign.keys { state.early[partition] = nil }
            return foreign
        }
        for (partition, deliveries) in foreign.sorted(by: { $0.key < $1.key }) where !deliveries.isEmpty {
            sendOn(deliveries, of: partition)
        }
    }

    func insert(_ pipeline: PartitionPipeline) -> Entry {
        let entry = Entry(pipeline: pipeline)
        let partition = pipeline.host.ownership.partition
        // Inside the lock, so that nothing overtakes what came early.
        state.withLock { state in
            state.entries[partition] = entry
            pipeline.host.admit(state.early.removeValue(forKey: partition) ?? [])
        }
        return entry
    }

    /// Takes no command for it any more; what it accepted is decided. nil when it is not open.
    func remove(_ partition: PartitionID) -> Entry? {
        let entry = state.withLock { $0.entries.removeValue(forKey: partition) }
        entry?.pipeline.host.inbox.close()
        return entry
    }

    /// What is in memory is to be read anew.
    func forgetAggregates() { pipelines.forEach { $0.host.forgetAggregates() } }

    /// Closes every partition; what waited for one that will not open is refused.
    func close() {
        let (entries, early) = state.withLock { state in
            state.isClosed = true
            defer { state.early = [:] }
            return (Array(state.entries.values), state.early.values.flatMap { $0 })
        }
        for entry in entries { entry.pipeline.host.inbox.close() }
        for delivery in early { refuse(delivery) }
    }

    /// Hands the commands of each partition over together, in their order.
    func admit(_ deliveries: [CommandDelivery]) {
        let byPartition = Dictionary(grouping: deliveries) { $0.request.partition }
        for (partition, share) in byPartition.sorted(by: { $0.key < $1.key }) {
            // Inside the lock, so that no partition is let go of in between.
            let foreign = state.withLock { state in
                let (pipeline, foreign) = state.take(share, of: partition, max: Self.earlyMax)
                pipeline?.host.admit(share)
                return foreign
            }
            if !foreign.isEmpty { sendOn(foreign, of: partition) }
        }
    }

    /// `moved` says that a command was not executed, and where its partition is; its sender asks again there.
    private func sendOn(_ deliveries: [CommandDelivery], of partition: PartitionID) {
        guard !state.withLock({ $0.isClosed }), let route = route(partition) else {
            return deliveries.forEach(refuse)
        }
        for delivery in deliveries {
            delivery.port.deliver([
                delivery.request.answer(
                    .moved, code: "moved", reason: "partition \(partition) is owned under epoch \(route.epoch)",
                    route: route)
            ])
        }
    }

    private func refuse(_ delivery: CommandDelivery) {
        let partition = delivery.request.partition
        delivery.port.deliver([
            delivery.request.answer(
                .unavailable, code: "notOwner", reason: "partition \(partition) is not open in the process asked",
                next: "send it again with the same command ID; see who owns what: roost ps")
        ])
    }
}

extension OpenPartitions.State {
    /// The pipeline of a partition, or which commands cannot wait for it.
    fileprivate mutating func take(
        _ share: [CommandDelivery], of partition: PartitionID, max: Int
    ) -> (pipeline: PartitionPipeline?, refused: [CommandDelivery]) {
        if let entry = entries[partition] { return (entry.pipeline, []) }
        guard !isClosed, let waiting = early[partition] else { return (nil, share) }
        let room = max - waiting.count
        early[partition]?.append(contentsOf: share.prefix(room))
        return (nil, Array(share.dropFirst(room)))
    }
}
