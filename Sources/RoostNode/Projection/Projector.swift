import RoostCore
package import RoostLog
import RoostTrace

/// Keeps one projection up to date: applies what the bus says, and reads the log wherever the bus is not enough.
///
/// Guarantees: every event of every partition is applied, filtered, parked or discarded exactly once, in the order of its partition;
/// one that cannot be applied is parked with its stream. A partition that cannot be read, or a disk that is full, holds up
/// what it concerns and is tried again.
package actor Projector {
    private let lane: any SerialExecutor
    private var store: ProjectionStore
    private let feed: Feed
    private let readers: [PartitionID: any PartitionReader]
    private var cursors: [PartitionID: FeedCursor] = [:]
    private let status: ReaderStatus
    private let pageMax: Int
    private let spans: SpanRecorder?
    private var clerk: ParkingClerk?
    private var succession: Succession?
    private let afterCommit: @Sendable (ProjectionStore) throws -> Void

    package nonisolated var unownedExecutor: UnownedSerialExecutor { lane.asUnownedSerialExecutor() }

    /// `store` is this projector's from here on; `afterCommit` may read it. At `desk` it finds what people want done about
    /// parked events, by `succession` which generation they want to be live.
    package init(
        store: sending ProjectionStore, feed: Feed, readers: [any PartitionReader], status: ReaderStatus,
        lane: any SerialExecutor, spans: SpanRecorder? = nil, desk: ParkingDesk? = nil,
        succession: sending Succession? = nil,
        pageMax: Int = 10_000,
        afterCommit: @escaping @Sendable (ProjectionStore) throws -> Void = { _ in }
    ) {
        self.store = store
        self.feed = feed
        self.readers = Dictionary(uniqueKeysWithValues: readers.map { ($0.partition, $0) })
        self.status = status
        self.lane = lane
        self.spans = spans
        clerk = desk.map { ParkingClerk($0) }
        self.succession = succession
        self.pageMax = pageMax
        self.afterCommit = afterCommit
    }

    /// Catches up with the log, then follows the bus until the feed is closed.
    package func run() async throws {
        try catchUp()
        status.set(.live)
        while true {
            switch await feed.next() {
            case .messages(let messages): try hear(messages)
            case .tick:
                try catchUp()
                try serveParking()
                try serveSwap()
            case .closed:
                try store.close()
                return
            }
        }
    }

    /// The digest of all rows as they are now.
    package func root() throws -> [UInt8] { try store.root() }

    /// Refuses a checkpoint of another log, of a restored log, or ahead of the head.
    private func admit(_ partition: PartitionID) throws {
        let progress = store.progress(partition)
        if let reader = readers[partition], try !store.isOfHistory(reader) {
            throw ReaderFailure(
                "the checkpoint at partition \(partition), position \(progress.position) is not part of this log: "
                    + "the log was restored or replaced; to make it again, stop it (roost stop \(status.name)), "
                    + "remove its files under the cluster's directory and start it (roost start \(status.name))")
        }
        if store.isPublished, let reader = readers[partition] { try store.recount(reader) }
        cursors[partition] = FeedCursor(applied: progress.position, epoch: progress.epoch)
    }

    private func hear(_ messages: [BusMessage]) throws {
        let before = cursors
        var heard = Heard()
        let start = spans?.now
        try status.attempt("messages") {
            do {
                try store.transaction {
                    cursors = before
                    heard = try apply(messages)
                }
            } catch {
                cursors = before
                heard = Heard(needsLog: true)
                throw error
            }
        }
        try afterCommit(store)
        for (partition, cursor) in cursors.sorted(by: { $0.key < $1.key }) {
            note(partition, after: before[partition]?.applied, to: cursor.applied, from: start, isFromLog: false)
        }
        feed.count { $0.eventsFromBus += heard.events }
        if heard.needsLog {
            feed.count { $0.gaps += 1 }
            try catchUp()
        }
        report()
    }

    /// What became of some messages.
    private struct Heard {
        var events: UInt64 = 0
        var needsLog = false
    }

    /// Inside a transaction only.
    private func apply(_ messages: [BusMessage]) throws -> Heard {
        var heard = Heard()
        var touched: Set<PartitionID> = []
        for message in messages {
            switch decide(message) {
            case .ignore: continue
            case .readLog: heard.needsLog = true
            case .apply(let index):
                try store.apply(message.events.dropFirst(index), of: message.partition)
                cursors[message.partition]?.advance(to: store.progress(message.partition).position)
                heard.events += UInt64(message.events.count - index)
                touched.insert(message.partition)
            }
        }
        try prove(touched)
        return heard
    }

    private func decide(_ message: BusMessage) -> FeedCursor.Action {
        guard let cursor = cursors[message.partition] else { return .ignore }
        guard !cursor.isStale(message.epoch) else {
            feed.count { $0.refusedStale += 1 }
            return .ignore
        }
        return cursors[message.partition]?.heard(
            message.kind, epoch: message.epoch, first: message.first,
            last: message.events.last?.position ?? message.newest, newest: message.newest) ?? .ignore
    }

    /// Reads the log until every partition is at its head.
    private func catchUp() throws {
        for (partition, reader) in readers.sorted(by: { $0.key < $1.key }) {
            try status.attempt("partition \(partition)") { try catchUp(partition, reader) }
        }
        store.reachedHeads()
        report()
    }

    /// One step of what people want done about parked events; the next one follows when what came meanwhile is applied.
    private func serveParking() throws {
        guard var clerk else { return }
        var hasMore = false
        try status.attempt("parked events") { hasMore = try clerk.step(store) { readers[$0] } }
        self.clerk = clerk
        guard hasMore else { return }
        report()
        feed.tick()
    }

    /// One step towards the generation that people want to be live, at which this goes on from then on.
    private func serveSwap() throws {
        let vector = store.progress.mapValues(\.position)
        switch try succession?.step(to: vector, while: { !feed.isClosed }, closeLive: store.close) {
        case .nothing, .later, nil: return
        case .more: feed.tick()
        case .done(let successor):
            store = successor
            cursors = [:]
            try catchUp()
        }
    }

    private func catchUp(_ partition: PartitionID, _ reader: any PartitionReader) throws {
        if cursors[partition] == nil { try admit(partition) }
        while !feed.isClosed {
            let before = store.progress(partition).position
            let page = try reader.events(after: before, limit: pageMax)
            guard !page.isEmpty else { return }
            let start = spans?.now
            try store.transaction {
                try store.apply(page, of: partition)
                try prove([partition])
            }
            cursors[partition]?.advance(to: store.progress(partition).position)
            try afterCommit(store)
            note(partition, after: before, to: store.progress(partition).position, from: start, isFromLog: true)
            feed.count { $0.eventsFromLog += UInt64(page.count) }
            report()
        }
    }

    private func note(
        _ partition: PartitionID, after before: Position?, to last: Position, from start: Timestamp?, isFromLog: Bool
    ) {
        guard let spans, let start, let before, last > before else { return }
        spans.note(
            HandlingSpan(.apply, partition, before.next, last, start: start, end: spans.now, isFromLog: isFromLog))
    }

    private func prove(_ partitions: Set<PartitionID>) throws {
        for partition in partitions {
            guard let reader = readers[partition] else { continue }
            try store.prove(by: reader)
        }
    }

    private func report() {
        status.update(
            feed.counters, positions: store.progress.mapValues(\.position),
            pending: cursors.values.reduce(0) { $0 + $1.pending })
        status.setAside(
            ReaderStatus.SetAside(
                streams: store.parkedStreamCount, parked: store.progress.values.reduce(0) { $0 + $1.parked },
                discarded: store.progress.values.reduce(0) { $0 + $1.discarded }))
    }
}
