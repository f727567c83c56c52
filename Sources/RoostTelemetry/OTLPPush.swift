import AsyncHTTPClient
package import Logging
import RoostCore
package import RoostLog
package import RoostTrace
import Synchronization

/// Sends a span for every event of a log, as it is recorded, to a collector of OpenTelemetry.
///
/// Its cursor moves only past what the collector has answered for, so nothing is lost while the collector is away, and nothing
/// is sent twice after an orderly stop; after a crash one batch may be. A new cursor begins at the heads of the log: history is
/// not sent. A batch that the collector refuses for good is counted, logged with the reason and left out.
package final class OTLPPush: Sendable {
    package struct Counters: Equatable, Sendable {
        /// Spans that the collector has taken.
        package var sent: UInt64 = 0
        /// Spans that it refused, alone or with their batch.
        package var refused: UInt64 = 0
        /// Requests that were answered with "later", or not at all.
        package var retries: UInt64 = 0
    }

    private let settings: OTLPSettings
    private let log: any EventLog
    private let cursorPath: String
    private let readers: [TraceReader]
    private let logger: Logger
    private let count = Mutex(Counters())
    private let isStopped = Atomic(false)

    package var counters: Counters { count.withLock { $0 } }

    /// `cursorPath` is this push's own. `readers` tell which reactor asked for an event: their checkpoints are not needed.
    package init(
        settings: OTLPSettings, log: any EventLog, cursorPath: String, readers: [TraceReader] = [], logger: Logger
    ) {
        self.settings = settings
        self.log = log
        self.cursorPath = cursorPath
        self.readers = readers
        self.logger = logger
    }

    /// Called once. Ends when `stop` returns, after the request that is under way. `stop` is asked several times: it returns at
    /// once when it has returned before, and when its task is cancelled.
    ///
    /// Reads of the log block, so run it where that is allowed. Throws at its start when its cursor cannot be read or written;
    /// later it waits for the disk, the log and the collector.
    package func run(until stop: @escaping @Sendable () async -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                await stop()
                self.isStopped.store(true, ordering: .relaxed)
            }
            group.addTask {
                try await HTTPClient.withHTTPClient(configuration: OTLPCollector.configuration(self.settings)) {
                    client in
                    try await self.push(to: OTLPCollector(client: client, settings: self.settings), stop)
                }
            }
            // Either failing ends the other at once.
            while try await group.next() != nil {}
        }
    }

    private func push(to collector: OTLPCollector, _ stop: @escaping @Sendable () async -> Void) async throws {
        logger.info("a span for every event goes to \(settings.endpoint)")
        var reader = SpanReader(log: log, cluster: settings.cluster, readers: readers)
        var cursor = try begin(&reader)
        while !isStopped.load(ordering: .relaxed) {
            let unreadable = reader.unreadable
            let batch = reader.next(after: cursor, limit: settings.eventsMax)
            report(reader.unreadable, before: unreadable)
            guard let batch else {
                await pause(settings.interval, stop)
                continue
            }
            guard try await deliver(batch, to: collector, stop), await store(batch.cursor, stop) else { return }
            cursor = batch.cursor
        }
    }

    /// Tries until the disk takes it; false when stopped before. Going on without it would send spans twice.
    private func store(_ cursor: PushCursor, _ stop: @escaping @Sendable () async -> Void) async -> Bool {
        var wait = settings.retryMin
        while true {
            do {
                try cursor.write(cursorPath)
                return true
            } catch {
                logger.warning(
                    "it cannot be stored how far spans were sent, so no more are",
                    metadata: ["path": "\(cursorPath)", "reason": "\(error)"])
            }
            await pause(wait, stop)
            guard !isStopped.load(ordering: .relaxed) else { return false }
            wait = min(wait * 2, settings.retryMax)
        }
    }

    private func begin(_ reader: inout SpanReader) throws -> PushCursor {
        let stored = try PushCursor.read(cursorPath)
        let known = stored.flatMap { $0.logID == log.identity.id ? $0 : nil }
        let cursor = reader.heads(of: known ?? PushCursor(logID: log.identity.id))
        let isReplaced = stored != nil && known == nil
        if isReplaced
            || log.identity.placement.partitions.contains(where: { known?[$0] ?? .start > cursor[$0] ?? .start })
        {
            logger.warning("the log was restored or replaced: spans of what it holds by now are not sent")
        }
        report(reader.unreadable, before: [:])
        try cursor.write(cursorPath)
        return cursor
    }

    /// Sends until the collector takes or refuses it; false when stopped before.
    private func deliver(
        _ batch: SpanBatch, to collector: OTLPCollector, _ stop: @escaping @Sendable () async -> Void
    ) async throws -> Bool {
        var wait = settings.retryMin
        var isAway = false
        while true {
            switch try await collector.send(batch.spans) {
            case .taken(let rejected, let reason):
                if isAway { logger.info("the collector takes spans again") }
                note(taken: batch.events, rejected: min(rejected, batch.events), reason)
                return true
            case .refused(let reason):
                note(taken: batch.events, rejected: batch.events, reason)
                return true
            case .busy(let reason, let asked):
                count.withLock { $0.retries += 1 }
                if !isAway {
                    logger.warning(
                        "the collector does not take spans now; they wait", metadata: ["reason": "\(reason)"])
                }
                isAway = true
                await pause(max(wait, asked ?? .zero), stop)
                guard !isStopped.load(ordering: .relaxed) else { return false }
                wait = min(wait * 2, settings.retryMax)
            }
        }
    }

    private func note(taken events: Int, rejected: Int, _ reason: String?) {
        count.withLock {
            $0.sent += UInt64(events - rejected)
            $0.refused += UInt64(rejected)
        }
        guard rejected > 0 else { return }
        logger.warning(
            "the collector refused spans, which are left out",
            metadata: ["spans": "\(rejected)", "reason": "\(reason ?? "none given")"])
    }

    private func report(_ unreadable: [PartitionID: String], before: [PartitionID: String]) {
        for (partition, reason) in unreadable.sorted(by: { $0.key < $1.key }) where before[partition] != reason {
            logger.warning(
                "a partition cannot be read, and waits: roost log verify",
                metadata: ["partition": "\(partition)", "reason": "\(reason)"])
        }
    }

    /// Returns after `duration`, or when stopped.
    private func pause(_ duration: Duration, _ stop: @escaping @Sendable () async -> Void) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                // Cancelled when stopped, which is the same.
                do { try await ContinuousClock().sleep(for: duration) } catch { return }
            }
            group.addTask { await stop() }
            await group.next()
            group.cancelAll()
        }
    }
}
