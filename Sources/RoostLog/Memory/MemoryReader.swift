import RoostCore
import Synchronization

/// A view of a partition in memory. Each call sees what was committed when it began.
struct MemoryReader: PartitionReader {
    private let shared: MemoryPartition

    init(_ shared: MemoryPartition) { self.shared = shared }

    var partition: PartitionID { shared.partition }

    func head() throws(EventLogError) -> LogHead {
        shared.state.withLock { state in
            LogHead(
                position: state.head, epoch: state.commits.last?.epoch ?? .none,
                digest: state.commits.last?.digest ?? [])
        }
    }

    func claim() throws(EventLogError) -> Claim? { shared.state.withLock { $0.claims.last } }

    func claims() throws(EventLogError) -> [Claim] { shared.state.withLock { $0.claims } }

    func events(after position: Position, limit: Int) throws(EventLogError) -> EventPage {
        let limit = try ReadLimits.checked(limit)
        return shared.state.withLock { state in
            .copying(state.events.dropFirst(Int(clamping: position.rawValue)), limit: limit)
        }
    }

    func events(of stream: StreamName, from version: StreamVersion, limit: Int) throws(EventLogError) -> EventPage {
        let limit = try ReadLimits.checked(limit)
        let skipped = Int(clamping: max(version.rawValue, 1) - 1)
        return shared.state.withLock { state in
            let positions = state.streams[stream, default: []].dropFirst(skipped).prefix(limit)
            return .copying(positions.map { state.events[Int($0.rawValue) - 1] }, limit: limit)
        }
    }

    func version(of stream: StreamName) throws(EventLogError) -> StreamVersion {
        StreamVersion(UInt64(shared.state.withLock { $0.streams[stream]?.count ?? 0 }))
    }

    func receipt(of command: CommandID, in stream: StreamName) throws(EventLogError) -> Receipt? {
        shared.state.withLock { $0.commands[.init(stream: stream, command: command)] }
    }

    func events(correlation: CorrelationID) throws(EventLogError) -> EventPage {
        shared.state.withLock { state in .joining(state.events.filter { $0.correlationID == correlation }) }
    }

    func event(_ id: EventID) throws(EventLogError) -> RecordedEvent? {
        shared.state.withLock { state in state.events.first { $0.eventID == id } }
    }

    func counts(through position: Position) throws(EventLogError) -> [String: UInt64] {
        shared.state.withLock { state in
            state.events.prefix(Int(clamping: position.rawValue)).reduce(into: [:]) { $0[$1.type, default: 0] += 1 }
        }
    }

    func kinds() throws(EventLogError) -> [KindCount] {
        let events = shared.state.withLock { $0.events }
        return Dictionary(grouping: events, by: \.kind).compactMap { kind, events in
            events.first.map { KindCount(kind: kind, count: UInt64(events.count), first: $0.position) }
        }.sorted { $0.first < $1.first }
    }

    func commit(holding position: Position) throws(EventLogError) -> CommitRecord? {
        guard position > .start else { return nil }
        return shared.state.withLock { state in state.commits.first { $0.last >= position } }
    }

    func verify(progress: (Position) -> Void) throws(EventLogError) -> [LogFinding] {
        let (events, commits, claims) = shared.state.withLock { ($0.events, $0.commits, $0.claims) }
        var verifier = LogVerifier(partition: partition, epochs: Set(claims.map(\.epoch)))
        verifier.check(.joining(events), previous: nil, commits: commits)
        verifier.finish()
        progress(verifier.position)
        return verifier.findings
    }
}
