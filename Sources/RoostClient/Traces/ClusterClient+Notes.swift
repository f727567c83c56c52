import RoostCore
import RoostLog
import RoostNode
import RoostTrace

/// What is known about a chain besides its events.
extension ClusterClient {
    var chainCheck: ChainCheck {
        ChainCheck(domain, log: log, codec: codec, reactors: databases.reactors, projections: databases.projections)
    }

    /// `passed` was taken before the events were read; `again` reads them once more. What cannot be told is said, and hides
    /// nothing else.
    func notes(
        on trace: Trace, _ events: ChainCheck.Events, passed: ChainCheck.Passed?, withData: Bool,
        again: () throws -> ChainCheck.Events
    ) throws -> TraceNotes {
        var notes = TraceNotes()
        notes.cluster = name
        notes.attempt("what is put off") { $0.timers = try timers(in: trace) }
        notes.attempt("what was observed") {
            $0.handled = try databases.observed.handlings(of: trace.events)
            $0.gaps = try databases.observed.gaps()
        }
        notes.attempt("what was refused") { $0.rejected = try rejected(in: trace) }
        notes.attempt("whether contracts hold") {
            guard let passed else { throw ReaderFailure("the databases of reactors cannot be read") }
            $0.findings = try chainCheck.run(events, passed: passed, now: now(), again: again).findings
        }
        if withData {
            notes.data = Dictionary(
                try events.map { ($0.1.eventID, try EventDocument.data(of: $0.1)) },
                uniquingKeysWith: { first, _ in first })
        }
        return notes
    }

    private func timers(in trace: Trace) throws -> [ChainTimer] {
        let ids = trace.events.map(\.eventID)
        return try domain.reactors.flatMap { reactor in
            try databases.reactor(reactor.name).timers(setBy: ids).map { timer in
                ChainTimer(
                    due: timer.due, command: timer.request.command, stream: timer.request.stream.description,
                    reactor: reactor.name, causationID: timer.request.causationID ?? EventID(bits: 0))
            }
        }.sorted { ($0.due, $0.stream) < ($1.due, $1.stream) }
    }

    /// nil when they cannot be asked.
    func passedReactors() -> ChainCheck.Passed? {
        do { return try chainCheck.passed() } catch { return nil }
    }

    /// What reactors have set aside, and what writers were observed refusing; one command counts once.
    private func rejected(in trace: Trace) throws -> [RejectedCommand] {
        let ids = trace.events.map(\.eventID)
        let setAside = try domain.reactors.flatMap { try databases.reactor($0.name).refusals(causedBy: ids) }.map {
            RejectedCommand(
                at: $0.at, partition: partition(of: $0.stream), stream: $0.stream, command: $0.command,
                commandID: $0.commandID, correlationID: trace.correlationID, causationID: $0.event, code: $0.code,
                reason: $0.reason)
        }
        let observed = try databases.observed.rejected(ofChain: trace.correlationID)
        // The last word on a command counts.
        let byCommand = Dictionary((observed + setAside).map { ($0.commandID, $0) }, uniquingKeysWith: { $1 })
        let stored = Set(trace.events.map(\.commandID))
        return byCommand.values.filter { !stored.contains($0.commandID) }.sorted {
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
