package import RoostCore
package import RoostLog
package import RoostTrace

/// Checks the contracts of a domain in one chain: in a trace, and live.
///
/// An effect counts as late only where its reactor was observed to have begun in time: otherwise it was busy or away.
package struct ChainCheck {
    private let contracts: [CausalContract]
    private let log: any EventLog
    private let index: TraceIndexReader
    private let decoder: EventDecoder
    private let types: Set<String>
    private let reactors: [(name: String, file: ReactorFile, types: Set<String>)]
    private let observed: ObservedReader

    /// `reactors` is the directory of their databases, `projections` that of the trace index.
    package init(_ domain: Domain, log: any EventLog, codec: PayloadCodec, reactors: String, projections: String) {
        contracts = domain.contracts
        self.log = log
        index = TraceIndexReader(projections: projections)
        observed = ObservedReader(projections: projections)
        decoder = codec.makeEventDecoder()
        types = codec.upcasters.storedTypes(becoming: ContractCheck(domain.contracts).typesRead)
        self.reactors = domain.reactors.map { reactor in
            (
                reactor.name, ReactorFile(reactor.name, in: reactors),
                codec.upcasters.storedTypes(becoming: Set(reactor.routes.map(\.type)))
            )
        }
    }

    /// How far reactors have come. To be taken before the events of a chain are read: what a reactor has passed by then has all
    /// its effects in the log.
    package struct Passed: Sendable {
        fileprivate let reactors: [(types: Set<String>, progress: [PartitionID: Progress])]

        fileprivate func isBehind(_ type: String, at fact: ChainFact) -> Bool {
            reactors.contains {
                $0.types.contains(type) && ($0.progress[fact.partition]?.position ?? .start) < fact.position
            }
        }
    }

    package func passed() throws -> Passed {
        Passed(reactors: try reactors.map { ($0.types, try $0.file.progress() ?? [:]) })
    }

    /// A chain's events and the partitions that hold them.
    package typealias Events = [(PartitionID, RecordedEvent)]

    /// What holds and what does not of a chain's events, with those of other chains that are their causes or effects. `again`
    /// reads the chain once more: a timer may have been carried out since it was read.
    package func run(
        _ events: Events, passed: Passed, now: Timestamp, again: () throws -> Events
    ) throws -> ContractCheck.Result {
        var timers: [EventID: Bool] = [:]
        let result = try run(events, passed, now, &timers)
        guard result.findings.contains(where: { $0.kind == .missing }) else { return result }
        return try run(try again(), passed, now, &timers)
    }

    /// `timers` remembers which events were found to have a pending timer.
    private func run(
        _ events: Events, _ passed: Passed, _ now: Timestamp, _ timers: inout [EventID: Bool]
    ) throws -> ContractCheck.Result {
        guard let correlation = events.first?.1.correlationID else { return ContractCheck.Result() }
        var check = ContractCheck(contracts)
        for (partition, event) in try events + strays(of: events, correlation) {
            let parts = types.contains(event.type) ? try decoder.parts(of: decoder.opened(event)) : []
            try check.add(event, in: partition, parts: parts, decoder.payloads)
        }
        var obstacle: (any Error)?
        var result = try check.finish(now: now) { fact, type in
            passed.isBehind(type, at: fact) || hasTimer(setBy: EventID(bits: fact.id), &timers, &obstacle)
        } isKnown: { id in
            if case .nowhere = find(id) { false } else { true }
        } wasBehind: { fact, due in
            try !observed.hasBegun(reactors.map(\.name), with: fact.position, of: fact.partition, by: due)
        }
        if let obstacle { throw obstacle }
        let ours = Set(events.map(\.1.eventID))
        // What is wrong with an event of another chain is found there.
        result.findings.removeAll { $0.correlationID != correlation || !ours.contains($0.eventID) }
        return result
    }

    private func hasTimer(
        setBy event: EventID, _ timers: inout [EventID: Bool], _ obstacle: inout (any Error)?
    ) -> Bool {
        if let known = timers[event] { return known }
        do {
            let isPending = try reactors.contains { try $0.file.hasTimer(setBy: event) }
            timers[event] = isPending
            return isPending
        } catch {
            obstacle = error
            return true
        }
    }

    private enum Whereabouts {
        case here(PartitionID, RecordedEvent)
        case nowhere
        /// A partition that may hold it cannot be read.
        case unknown
    }

    private func find(_ id: EventID) -> Whereabouts {
        var whereabouts = Whereabouts.nowhere
        for partition in log.identity.placement.partitions {
            do throws(EventLogError) {
                if let event = try log.reader(partition).event(id) { return .here(partition, event) }
            } catch {
                whereabouts = .unknown
            }
        }
        return whereabouts
    }

    private func strays(of events: Events, _ correlation: CorrelationID) throws -> Events {
        let known = Set(events.map(\.1.eventID))
        let effects = try index.strays(causedBy: Array(known), besides: correlation).compactMap { partition, position in
            try log.reader(partition).event(at: position).map { (partition, $0) }
        }
        let missing = Set(events.compactMap(\.1.causationID)).subtracting(known).subtracting(effects.map(\.1.eventID))
        let causes = missing.sorted().compactMap { cause in
            if case .here(let partition, let event) = find(cause) { (partition, event) } else { nil }
        }
        return effects + causes
    }
}
