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

    /// What holds and what does not of a chain's events, with those of other chains that are their causes or effects.
    package func run(
        _ events: [(PartitionID, RecordedEvent)], passed: Passed, now: Timestamp
    ) throws -> ContractCheck.Result {
        guard let correlation = events.first?.1.correlationID else { return ContractCheck.Result() }
        let strays = try strays(of: events, correlation)
        var check = ContractCheck(contracts)
        for (partition, event) in events + strays {
            let parts = types.contains(event.type) ? try decoder.parts(of: decoder.opened(event)) : []
            try check.add(event, in: partition, parts: parts, decoder.payloads)
        }
        var obstacle: (any Error)?
        var result = try check.finish(now: now) { fact, type in
            passed.isBehind(type, at: fact) || hasTimer(setBy: EventID(bits: fact.id), &obstacle)
        } isKnown: { id in
            try log.identity.placement.partitions.contains { try log.reader($0).event(id) != nil }
        } wasBehind: { fact, due in
            try !observed.hasBegun(reactors.map(\.name), with: fact.position, of: fact.partition, by: due)
        }
        if let obstacle { throw obstacle }
        let ours = Set(events.map(\.1.eventID))
        // What is wrong with an event of another chain is found there.
        result.findings.removeAll { $0.correlationID != correlation || !ours.contains($0.eventID) }
        return result
    }

    private func hasTimer(setBy event: EventID, _ obstacle: inout (any Error)?) -> Bool {
        do {
            return try reactors.contains { try $0.file.hasTimer(setBy: event) }
        } catch {
            obstacle = error
            return true
        }
    }

    private func strays(
        of events: [(PartitionID, RecordedEvent)], _ correlation: CorrelationID
    ) throws -> [(PartitionID, RecordedEvent)] {
        let known = Set(events.map(\.1.eventID))
        let effects = try index.strays(causedBy: Array(known), besides: correlation).compactMap { partition, position in
            try log.reader(partition).events(after: Position(position.rawValue - 1), limit: 1).first.map {
                (partition, $0)
            }
        }
        let missing = Set(events.compactMap(\.1.causationID)).subtracting(known).subtracting(effects.map(\.1.eventID))
        let causes = try missing.sorted().compactMap { cause in
            try log.identity.placement.partitions.lazy.compactMap { partition in
                try log.reader(partition).event(cause).map { (partition, $0) }
            }.first
        }
        return effects + causes
    }
}
