import RoostCore
import RoostLog
import RoostNode
import RoostTrace

/// What is known about a chain besides its events.
extension ClusterClient {
    var chainCheck: ChainCheck {
        ChainCheck(domain, log: log, codec: codec, reactors: databases.reactors, projections: databases.projections)
    }

    /// `passed` was taken before the events were read.
    func notes(
        on trace: Trace, _ events: [(PartitionID, RecordedEvent)], passed: ChainCheck.Passed, withData: Bool
    ) throws -> TraceNotes {
        var notes = TraceNotes()
        notes.handled = try databases.observed.handlings(of: trace.events)
        notes.gaps = try databases.observed.gaps()
        notes.rejected = try rejected(in: trace)
        notes.findings = try chainCheck.run(events, passed: passed, now: now()).findings
        if withData {
            notes.data = Dictionary(
                try events.map { ($0.1.eventID, try EventDocument(Located(partition: $0.0, event: $0.1)).data) },
                uniquingKeysWith: { first, _ in first })
        }
        return notes
    }

    /// What reactors have set aside, and what writers were observed refusing; one command counts once.
    private func rejected(in trace: Trace) throws -> [RejectedCommand] {
        let setAside = try domain.reactors.flatMap { reactor in
            try trace.events.flatMap { try databases.reactor(reactor.name).refusals(causedBy: $0.eventID) }
        }.map { refusal in
            RejectedCommand(
                at: refusal.at, partition: partition(of: refusal.stream), stream: refusal.stream,
                command: refusal.command, commandID: refusal.commandID, correlationID: trace.correlationID,
                causationID: refusal.event, code: refusal.code, reason: refusal.reason)
        }
        let known = Set(setAside.map(\.commandID))
        let observed = try databases.observed.rejected(ofChain: trace.correlationID)
        return (setAside + observed.filter { !known.contains($0.commandID) }).sorted {
            ($0.at, $0.commandID) < ($1.at, $1.commandID)
        }
    }

    private func partition(of stream: String) -> PartitionID {
        do {
            return log.identity.placement.partition(of: try StreamName(stream)) ?? PartitionID(0)
        } catch {
            return PartitionID(0)
        }
    }
}
