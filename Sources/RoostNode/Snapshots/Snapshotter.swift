package import RoostCore
package import RoostLog

/// Makes the snapshots of one partition, on a thread that nobody waits for.
///
/// It folds what the log has committed, from the last snapshot on, and never sees what a host decides ahead. A stream that
/// it cannot fold, or a disk that is full, costs the snapshot and nothing else.
package actor Snapshotter {
    private let inbox = Mailbox<StreamName>(capacity: 1024)
    private let store: SnapshotStore
    private let reader: any PartitionReader
    private let kinds: [String: AggregateKind]
    private let codec: PayloadCodec
    private let clock: any NodeClock
    private let lane: any SerialExecutor

    package nonisolated var unownedExecutor: UnownedSerialExecutor { lane.asUnownedSerialExecutor() }

    package init(
        store: SnapshotStore, reader: any PartitionReader, kinds: [String: AggregateKind], codec: PayloadCodec,
        clock: any NodeClock, lane: any SerialExecutor
    ) {
        self.store = store
        self.reader = reader
        self.kinds = kinds
        self.codec = codec
        self.clock = clock
        self.lane = lane
    }

    /// Asks for snapshots of streams whose events are committed. What finds no room is asked for again later.
    package nonisolated func offer(_ streams: [StreamName]) { _ = inbox.offer(streams) }

    /// Until `close`.
    package func run() async {
        while let streams = await inbox.take() {
            make(streams)
        }
    }

    package nonisolated func close() { inbox.close() }

    /// Snapshots of these streams, each once, in one transaction.
    package func make(_ streams: [StreamName]) {
        let decoder = codec.makeDecoder()
        do {
            let wanted = Set(streams).sorted { $0.description < $1.description }
            try store.keep(wanted.compactMap { try snapshot(of: $0, decoder) })
        } catch {
            // Loading folds from what there is.
        }
    }

    private func snapshot(of stream: StreamName, _ decoder: any PayloadDecoder) throws -> Snapshot? {
        guard let kind = kinds[stream.category], let identity = kind.foldIdentity else { return nil }
        var loader = kind.loader(stream, decoder)
        try loader.load(from: reader, startingAt: store.find(stream, foldedAs: identity))
        return try loader.snapshot(foldedAs: identity, at: clock.now)
    }
}
