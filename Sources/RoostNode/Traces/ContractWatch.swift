import RoostCore
package import RoostLog
package import RoostTrace

/// Checks the contracts of a domain while the cluster runs: each chain a moment after something happened in it, and again when
/// what may still come has had its time.
///
/// It begins at the heads where it ran first, remembers durably what is still to be checked, and takes about a fifth of a
/// processor at most: under load its findings come later. The authority over all history is `ContractCheck`.
package actor ContractWatch {
    package struct Limits: Sendable {
        /// How long after an event its chain is looked at.
        package var delay: Duration = .seconds(1)
        package var eventsPerLook = 2_000
        package var chainsPerLook = 200
        /// Chains that wait before no more events are taken.
        package var pendingMax = 100_000
        /// Rest between two looks while there is nothing left to do at once.
        package var rest: Duration = .milliseconds(500)
        /// Rest in any case: so many times as long as a look took.
        package var restFactor = 4
        /// How long a chain at most waits for what may still come before it is looked at again.
        package var againMax: Duration = .seconds(600)
        package init() {}
    }

    /// What one look has found.
    package struct Report: Sendable {
        /// Findings that hold now.
        package var findings = 0
        /// Chains that are still to be checked.
        package var pending = 0
        /// Events it has not come to.
        package var behind: UInt64 = 0
        /// What was not known before.
        package var found: [CausalFinding] = []
        /// What kept it from looking at everything; nil when nothing did.
        package var obstacle: String?
        package init() {}
    }

    private let check: ChainCheck
    private let chains: ChainReader
    private let readers: [any PartitionReader]
    private let store: ObservedStore
    private let clock: any NodeClock
    private let lane: any SerialExecutor
    private let limits: Limits
    private let longest: Duration
    private let onLook: @Sendable (Report) -> Void

    package nonisolated var unownedExecutor: UnownedSerialExecutor { lane.asUnownedSerialExecutor() }

    /// `store` and `check` are this actor's from here on.
    package init(
        _ domain: Domain, check: sending ChainCheck, index: TraceIndexReader, readers: [any PartitionReader],
        store: sending ObservedStore, clock: any NodeClock, lane: any SerialExecutor, limits: Limits = Limits(),
        onLook: @escaping @Sendable (Report) -> Void
    ) {
        self.check = check
        chains = ChainReader(index: index, readers: readers)
        self.readers = readers
        self.store = store
        self.clock = clock
        self.lane = lane
        self.limits = limits
        self.onLook = onLook
        longest = domain.contracts.map(\.longest).max() ?? .zero
    }

    /// Looks again and again until cancelled. Throws when it cannot remember what it has done.
    package func run() async throws {
        while !Task.isCancelled {
            let start = clock.now
            let isBusy = try look()
            let took = max(.zero, clock.now - start)
            let rest = took * limits.restFactor + (isBusy ? .zero : limits.rest)
            do { try await clock.sleep(for: rest) } catch { return }
        }
        try store.close()
    }

    /// Takes what is new, then checks the chains that are due. True when there is more to do at once.
    @discardableResult
    package func look() throws -> Bool {
        var report = Report()
        try take(&report)
        let isBusy = try checkDue(&report)
        (report.pending, report.findings) = try store.watchCounts()
        try store.looked(at: clock.now, behind: report.behind)
        onLook(report)
        return isBusy
    }

    /// A partition that cannot be read holds up itself alone.
    private func take(_ report: inout Report) throws {
        let known = try store.watched()
        var watched: [PartitionID: Position] = [:]
        var due: [CorrelationID: Timestamp] = [:]
        let mayTake = try store.watchCounts().pending < limits.pendingMax
        for reader in readers {
            do throws(EventLogError) {
                let head = try reader.head().position
                guard let position = known[reader.partition], position <= head else {
                    watched[reader.partition] = head
                    continue
                }
                var last = position
                if mayTake, position < head {
                    for event in try reader.events(after: position, limit: limits.eventsPerLook) {
                        due[event.correlationID] = clock.now + limits.delay
                        last = event.position
                    }
                }
                watched[reader.partition] = last
                report.behind += head.rawValue - min(last, head).rawValue
            } catch {
                report.obstacle = error.description
            }
        }
        try store.watch(watched, due: due)
    }

    private func checkDue(_ report: inout Report) throws -> Bool {
        let due = try store.dueChains(by: clock.now, limit: limits.chainsPerLook)
        do {
            // Before the events: see there.
            let passed = try check.passed()
            guard let events = try chains.chains(due) else {
                report.obstacle = "the index of chains is behind"
                return false
            }
            for chain in due {
                guard !Task.isCancelled else { return false }
                try checkChain(chain, events[chain] ?? [], passed, &report)
            }
            return due.count == limits.chainsPerLook
        } catch let error as EventLogError {
            // Without one partition no chain is known to be whole.
            report.obstacle = error.description
            return false
        }
    }

    /// A chain that cannot be judged, because a contract or a payload of it cannot be read, is put off.
    private func checkChain(
        _ chain: CorrelationID, _ events: ChainCheck.Events, _ passed: ChainCheck.Passed, _ report: inout Report
    ) throws {
        let result: ContractCheck.Result
        do {
            result = try check.run(events, passed: passed, now: clock.now) {
                try chains.chains([chain])?[chain] ?? events
            }
        } catch let error where !(error is EventLogError) {
            report.obstacle = "chain \(chain) cannot be checked: \(error)"
            return try store.putOff(chain, after: limits.againMax, at: clock.now, max: limits.againMax)
        }
        report.found += try store.conclude(chain, result.findings, at: clock.now)
        guard result.pending > 0 else { return try store.finish(chain) }
        try store.putOff(chain, after: max(limits.delay, longest / 2), at: clock.now, max: limits.againMax)
    }
}
