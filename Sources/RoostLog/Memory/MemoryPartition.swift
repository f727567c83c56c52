package import RoostCore
import Synchronization

/// One partition in memory, shared by its writer and its readers.
final class MemoryPartition: Sendable {
    let partition: PartitionID
    let state = Mutex(State())

    init(partition: PartitionID) { self.partition = partition }

    /// Everything stored. Positions are indices plus one.
    struct State {
        struct Command: Hashable {
            let stream: StreamName
            let command: CommandID
        }

        var claims: [Claim] = []
        var events: [RecordedEvent] = []
        var commits: [CommitRecord] = []
        /// The positions of each stream; a version is an index plus one.
        var streams: [StreamName: [Position]] = [:]
        var commands: [Command: Receipt] = [:]

        var epoch: Epoch { claims.last?.epoch ?? .none }
        var head: Position { Position(UInt64(events.count)) }
    }
}

extension MemoryPartition.State {
    mutating func claim(_ claim: Claim) -> Epoch {
        var claim = claim
        claim.epoch = epoch.next
        claims.append(claim)
        return claim.epoch
    }

    func confirm(_ epoch: Epoch, of partition: PartitionID) throws(EventLogError) {
        guard epoch == self.epoch else { throw .fenced(partition, epoch: epoch, newest: self.epoch) }
    }

    mutating func append(
        _ batch: AppendBatch, epoch: Epoch, at now: Timestamp
    ) throws(EventLogError) {
        let plan = try AppendPlan(batch, after: head, index: self)
        if !plan.kept.isEmpty {
            let recorded = max(now, commits.last?.recorded ?? now)
            let committed = try plan.withPlacedRecords(of: batch, epoch: epoch, recorded: recorded) {
                (writer, placed) throws(EventLogError) in
                store(&writer, placed, epoch, recorded)
            }
            remember(plan, batch)
            batch.committed = committed
        } else {
            batch.committed = .empty
        }
        batch.outcomes = plan.outcomes
    }

    private mutating func store(
        _ writer: inout EventWriter, _ placed: [PlacedRecord], _ epoch: Epoch, _ recorded: Timestamp
    ) -> EventPage {
        let first = head.next
        let digest = writer.withUnsafeBytes { CommitDigest.of($0, after: commits.last?.digest ?? []) }
        let page = EventPage(checked: writer.finish(), offsets: placed.map(\.offset))
        events += page
        commits.append(CommitRecord(first: first, last: head, epoch: epoch, recorded: recorded, digest: digest))
        return page
    }

    private mutating func remember(_ plan: AppendPlan, _ batch: AppendBatch) {
        for kept in plan.kept {
            let entry = batch.entries[kept.entry]
            let numbers = kept.first.rawValue..<kept.first.rawValue + UInt64(entry.eventCount)
            streams[entry.stream, default: []] += numbers.map { Position($0) }
            let last = events[Int(numbers.upperBound) - 2]
            commands[Command(stream: entry.stream, command: entry.commandID)] = Receipt(
                events: entry.eventCount, version: last.version, position: last.position,
                fingerprint: entry.fingerprint, correlationID: last.correlationID)
        }
    }
}

extension MemoryPartition.State: CommitIndex {
    func head(of stream: StreamKey) throws(EventLogError) -> StreamHead {
        guard let positions = streams[stream.name], let last = positions.last else { return .none }
        return StreamHead(version: StreamVersion(UInt64(positions.count)), position: last)
    }

    func receipt(of entry: AppendBatch.Entry, hash: UInt64, head: StreamHead) throws(EventLogError) -> Receipt? {
        commands[Command(stream: entry.stream, command: entry.commandID)]
    }
}

extension EventLogError {
    /// Somebody else owns the partition by now.
    package static func fenced(_ partition: PartitionID, epoch: Epoch, newest: Epoch) -> EventLogError {
        EventLogError(
            .fenced, "epoch \(epoch) of partition \(partition) is over: epoch \(newest) owns it; stop this process")
    }
}
