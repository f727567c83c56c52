import RoostCore
import RoostLog
import RoostTrace

/// Spans of the next events of a log, and where the log goes on behind them.
struct SpanBatch {
    let spans: OTLPTraces
    let events: Int
    let cursor: PushCursor
}

/// Makes batches of spans out of a log. Remembers when recent events were recorded, because the span of an event begins where
/// that of its cause ends, and the cause may be in an earlier batch.
struct SpanReader {
    private let log: any EventLog
    private let cluster: String
    private let readers: [TraceReader]
    private var owners: [PartitionID: [Epoch: String]] = [:]
    private var recorded = RecentTimes()
    private var turn = 0
    /// Partitions that could not be read when they were last looked at, and why.
    private(set) var unreadable: [PartitionID: String] = [:]

    init(log: any EventLog, cluster: String, readers: [TraceReader]) {
        self.log = log
        self.cluster = cluster
        self.readers = readers
    }

    /// Where a log stands now. Partitions that cannot be read are left out.
    mutating func heads(of cursor: PushCursor) -> PushCursor {
        var cursor = cursor
        for partition in log.identity.placement.partitions {
            attempt(partition) { (_, log) throws(EventLogError) in
                let head = try log.reader(partition).head().position
                // A position behind the head is one that a restore took back: what comes there now is new.
                cursor[partition] = min(cursor[partition] ?? head, head)
            }
        }
        return cursor
    }

    /// The next events behind `cursor`, at most `limit`; nil when there are none.
    mutating func next(after cursor: PushCursor, limit: Int) -> SpanBatch? {
        var cursor = cursor
        var events: [TraceEvent] = []
        for partition in inTurn() where events.count < limit {
            attempt(partition) { (reader, log) throws(EventLogError) in
                let source = try log.reader(partition)
                guard let position = cursor[partition] else {
                    cursor[partition] = try source.head().position
                    return
                }
                for event in try source.events(after: position, limit: limit - events.count) {
                    events.append(try reader.traceEvent(event, source))
                    cursor[partition] = event.position
                }
            }
        }
        guard !events.isEmpty else { return nil }
        for event in events { recorded[event.eventID] = event.recordedAt }
        let spans = OTLPTraces(events, cluster: cluster) { [recorded] in recorded[$0] }
        return SpanBatch(spans: spans, events: events.count, cursor: cursor)
    }

    /// Another partition is first each time, so that a busy one does not keep the others waiting.
    private mutating func inTurn() -> [PartitionID] {
        let partitions = log.identity.placement.partitions
        turn = (turn + 1) % max(1, partitions.count)
        return Array(partitions[turn...] + partitions[..<turn])
    }

    private mutating func attempt(
        _ partition: PartitionID, _ body: (inout SpanReader, any EventLog) throws(EventLogError) -> Void
    ) {
        do throws(EventLogError) {
            try body(&self, log)
            unreadable[partition] = nil
        } catch {
            unreadable[partition] = error.description
        }
    }

    private mutating func traceEvent(
        _ event: RecordedEvent, _ source: any PartitionReader
    ) throws(EventLogError) -> TraceEvent {
        if owners[source.partition]?[event.epoch] == nil {
            owners[source.partition] = Dictionary(
                try source.claims().map { ($0.epoch, $0.process) }, uniquingKeysWith: { $1 })
        }
        return TraceEvent(
            event, partition: source.partition, process: owners[source.partition]?[event.epoch], readers: readers)
    }
}

/// When recent events were recorded: at least the last `countMax`, never more than twice as many.
private struct RecentTimes {
    private static let countMax = 8192
    private var older: [EventID: Timestamp] = [:]
    private var newer: [EventID: Timestamp] = [:]

    subscript(event: EventID) -> Timestamp? {
        get { newer[event] ?? older[event] }
        set {
            if newer.count >= Self.countMax {
                older = newer
                newer = [:]
            }
            newer[event] = newValue
        }
    }
}
