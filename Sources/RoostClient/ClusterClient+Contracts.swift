package import RoostCore
import RoostLog
import RoostNode
package import RoostTrace

extension ClusterClient {
    /// Folds all history, archives included, and checks the contracts of the domain and what holds of every log. Reactors are
    /// looked at before the log's heads: what they have passed has all its effects below those.
    package func checkContracts(progress: (PartitionID, Position) -> Void) throws -> ContractsDocument {
        // Before the log is looked at: what comes after that is no part of it.
        let now = now()
        let names = Set(domain.reactors.map { $0.name })
        let reactors = try readers().filter { names.contains($0.name) }
        var check = ContractCheck(domain.contracts)
        let decoder = codec.makeEventDecoder()
        let types = upcasters.storedTypes(becoming: check.typesRead)
        try forEachEvent(progress) { event, partition in
            let parts = types.contains(event.type) ? try decoder.parts(of: decoder.opened(event)) : []
            try check.add(event, in: partition, parts: parts, decoder.payloads)
        }
        let waiting = Set(try timers(limit: .max).timers.map(\.causationID))
        let result = try check.finish(now: now) { fact, type in
            waiting.contains(EventID(bits: fact.id))
                || reactors.contains { $0.types.contains(type) && !$0.hasPassed(fact.partition, fact.position) }
        } isKnown: { id in
            try partitions.contains { try log.reader($0).event(id) != nil }
        }
        return ContractsDocument(result)
    }

    /// Whether a process of the cluster collects what is observed.
    package func isObserved() throws -> Bool {
        try domain.projections.contains { $0 == TraceIndex.self } && resting()[TraceIndex.name] == nil
    }

    /// What the live check has found, in the process of the trace index. Throws when nobody is checking.
    package func liveContracts() throws -> LiveContractsDocument {
        guard domain.projections.contains(where: { $0 == TraceIndex.self }) else {
            throw ClientError(
                .runState, code: "notWatched", "no process checks contracts while the cluster runs",
                hint: "add 'traces: {role: projection}' to the topology, or: roost contracts check")
        }
        let state = try resting()[TraceIndex.name]
        guard state == nil, let live = try databases.observed.findings(), now() - live.lookedAt < Self.lookMax else {
            throw ClientError(
                .runState, code: "notWatched",
                "the process '\(TraceIndex.name)' " + (state.map { "is \($0)" } ?? "does not check contracts now"),
                hint: "roost ps and roost logs \(TraceIndex.name), or: roost contracts check")
        }
        return LiveContractsDocument(
            ok: live.found.allSatisfy { !$0.finding.kind.isError }, lookedAt: live.lookedAt, pending: live.pending,
            behind: live.behind,
            findings: live.found.map { LiveContractsDocument.Found(foundAt: $0.at, finding: $0.finding) })
    }

    /// The check looks about twice a second.
    private static let lookMax = Duration.seconds(15)

    /// Which event leads to which, over all history.
    package func processMap(progress: (PartitionID, Position) -> Void) throws -> ProcessMap {
        var chain = ChainFacts()
        try forEachEvent(progress) { event, partition in chain.add(event, in: partition) }
        return ProcessMap(chain)
    }

    /// How long chains take, over all history, and the slowest ones.
    package func chainSummary(slowest: Int, progress: (PartitionID, Position) -> Void) throws -> ChainSummary {
        var chain = ChainFacts()
        try forEachEvent(progress) { event, partition in chain.add(event, in: partition) }
        return ChainSummary(chain, slowest: slowest)
    }

    /// Every event up to the heads as they are now, partition by partition.
    private func forEachEvent(
        _ progress: (PartitionID, Position) -> Void, _ body: (RecordedEvent, PartitionID) throws -> Void
    ) throws {
        let heads = try heads()
        for partition in partitions {
            try log.reader(partition).forEachEvent(
                through: heads[partition] ?? .start, progress: { progress(partition, $0) }
            ) { try body($0, partition) }
        }
    }
}
