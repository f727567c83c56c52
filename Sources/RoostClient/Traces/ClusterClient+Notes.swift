import RoostCore
import RoostLog
import RoostNode
import RoostTrace

/// What is known about a chain besides its events.
extension ClusterClient {
    func notes(on trace: Trace, _ events: [(PartitionID, RecordedEvent)], withData: Bool) throws -> TraceNotes {
        var notes = TraceNotes()
        notes.handled = try databases.observed.handlings(of: trace.events)
        notes.gaps = try databases.observed.gaps()
        notes.rejected = try rejected(in: trace)
        notes.findings = try findings(in: events, correlation: trace.correlationID, of: trace)
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
            try trace.events.flatMap { try databases.refusals(ofReactor: reactor.name, causedBy: $0.eventID) }
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

    /// Where contracts do not hold in one chain, with the events of other chains that belong to it. Whether something is late
    /// depends on what its reactor was busy with, so that is judged over the whole log alone.
    func findings(
        in events: [(PartitionID, RecordedEvent)], correlation: CorrelationID, of trace: Trace
    ) throws -> [CausalFinding] {
        var check = ContractCheck(domain.contracts)
        let decoder = codec.makeEventDecoder()
        let types = upcasters.storedTypes(becoming: check.typesRead)
        let strays = try strays(of: trace)
        for (partition, event) in events + strays {
            let parts = types.contains(event.type) ? try decoder.parts(of: decoder.opened(event)) : []
            try check.add(event, in: partition, parts: parts, decoder.payloads)
        }
        let names = Set(domain.reactors.map { $0.name })
        let reactors = try readers().filter { names.contains($0.name) }
        let ours = Set(events.map(\.1.eventID))
        let effects = Set(strays.filter { $0.1.causationID.map(ours.contains) ?? false }.map(\.1.eventID))
        return try check.finish(now: now()) { fact, type in
            reactors.contains { $0.types.contains(type) && !$0.hasPassed(fact.partition, fact.position) }
                || isTimerPending(setBy: EventID(bits: fact.id))
        } isKnown: { id in
            try partitions.contains { try log.reader($0).event(id) != nil }
        }.findings.filter { $0.kind != .late && (ours.contains($0.eventID) || effects.contains($0.eventID)) }
    }

    private func isTimerPending(setBy event: EventID) -> Bool {
        do {
            return try timers(limit: .max).timers.contains { $0.causationID == event }
        } catch {
            // Whoever cannot be asked may still have something to do.
            return true
        }
    }

    /// Events of other chains that are causes or effects of this one.
    private func strays(of trace: Trace) throws -> [(PartitionID, RecordedEvent)] {
        let effects = try databases.strays(causedBy: trace.events, besides: trace.correlationID).compactMap {
            partition, position in
            try log.reader(partition).events(after: Position(position.rawValue - 1), limit: 1).first.map { (partition, $0) }
        }
        let causes = try trace.missingCauses.compactMap { cause in
            try gather { try $0.event(cause) }.values.lazy.compactMap { found in
                found.value.map { (found.partition, $0) }
            }.first
        }
        return effects + causes
    }
}
