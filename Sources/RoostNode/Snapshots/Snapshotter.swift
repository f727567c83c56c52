package import RoostCore
package import RoostLog

/// Makes the snapshots of one partition, on a thread that nobody waits for.
///
/// It folds what the log has committed, from the last snapshot on, and never sees what a host decides ahead. A stream that
/// it cannot fold, or a disk that is full, costs that snapshot and nothing else.
package actor Snapshotter {
    /// Snapshots of one transaction.
    private static let transactionMax = 16
    private let inbox = Mailbox<StreamName>(capacity: 1024)
    private let store: SnapshotStore
    private let reader: any PartitionReader
    private let kinds: [String: AggregateKind]
    private let codec: PayloadCodec
    private let clock: any NodeClock
    private let lane: any SerialExecutor
    private let onFailure: @Sendable (any Error) -> Void

    package nonisolated var unownedExecutor: UnownedSerialExecutor { lane.asUnownedSerialExecutor() }

    /// `reader` is this snapshotter's own: it is kept busy for long.
    package init(
        store: SnapshotStore, reader: any PartitionReader, kinds: [String: AggregateKind], codec: PayloadCodec,
        clock: any NodeClock, lane: any SerialExecutor, onFailure: @escaping @Sendable (any Error) -> Void = { _ in }
    ) {
        self.store = store
        self.reader = reader
        self.kinds = kinds
        self.codec = codec
        self.clock = clock
        self.lane = lane
        self.onFailure = onFailure
    }

    /// Asks for snapshots of streams whose events are committed. What finds no room is asked for again later.
    package nonisolated func offer(_ streams: [StreamName]) { _ = inbox.offer(streams) }

    /// Until `close`; what is asked for by then and not begun is dropped.
    package func run() async {
        while let streams = await inbox.take() {
            var rest = Set(streams).sorted { $0.description < $1.description }[...]
            while !rest.isEmpty, !inbox.isClosed {
                make(Array(rest.prefix(Self.transactionMax)))
                rest = rest.dropFirst(Self.transactionMax)
            }
        }
    }

    package nonisolated func close() { inbox.close() }

    /// Snapshots of these streams, in one transaction.
    package func make(_ streams: [StreamName]) {
        let events = codec.makeEventDecoder()
        let snapshots = streams.compactMap { stream in attempt { try snapshot(of: stream, events) } ?? nil }
        _ = attempt { try store.keep(snapshots) }
    }

    private func attempt<Value>(_ body: () throws -> Value) -> Value? {
        do {
            return try body()
        } catch {
            onFailure(error)
            return nil
        }
    }

    private func snapshot(of stream: StreamName, _ events: EventDecoder) throws -> Snapshot? {
        guard let kind = kinds[stream.category], let identity = kind.foldIdentity else { return nil }
        var fold = kind.fold(stream, events)
        try fold.load(from: reader, startingAt: store.find(stream, foldedAs: identity))
        return try fold.snapshot(foldedAs: identity, at: clock.now)
    }
}
