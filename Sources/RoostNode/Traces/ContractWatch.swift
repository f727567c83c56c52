import RoostCore
package import RoostLog
package import RoostTrace

/// Checks the contracts of a domain while the cluster runs: each chain once it has been quiet for a moment, and again when what
/// may still come has had its time.
///
/// It begins at the heads where it ran first, remembers durably what is still to be checked, and takes about a fifth of a
/// processor at most: under load its findings come later. The authority over all history is `ContractCheck`.
package actor ContractWatch {
    package struct Limits: Sendable {
        /// How long a chain is left alone after an event.
        package var quiet: Duration = .seconds(1)
        package var eventsPerLook = 10_000
        package var chainsPerLook = 200
        /// Rest between two looks, and so many times as long as a look took.
        package var rest: Duration = .milliseconds(500)
        package var restFactor = 4
        package init() {}
    }

    /// What it has found so far.
    package struct Counts: Sendable {
        /// Findings that hold now.
        package var findings = 0
        /// Chains that are still to be checked.
        package var pending = 0
        /// Events it has not come to.
        package var behind: UInt64 = 0
        package init() {}
    }

    private let check: ChainCheck
    private let index: TraceIndexReader
    private let readers: [any PartitionReader]
    private let store: ObservedStore
    private let clock: any NodeClock
    private let lane: any SerialExecutor
    private let limits: Limits
    private let longest: Duration
    private let onChange: @Sendable (Counts, [CausalFinding]) -> Void

    package nonisolated var unownedExecutor: UnownedSerialExecutor { lane.asUnownedSerialExecutor() }

    /// `store` and `check` are this actor's from here on. `onChange` gets the counts and what was newly found.
    package init(
        _ domain: Domain, check: sending ChainCheck, index: TraceIndexReader, readers: [any PartitionReader],
        store: sending ObservedStore, clock: any NodeClock, lane: any SerialExecutor, limits: Limits = Limits(),
        onChange: @escaping @Sendable (Counts, [CausalFinding]) -> Void
    ) {
        self.check = check
        self.index = index
        self.readers = readers
        self.store = store
        self.clock = clock
        self.lane = lane
        self.limits = limits
        self.onChange = onChange
        longest = domain.contracts.map(\.longest).max() ?? .zero
    }

    /// Looks again and again until cancelled.
    package func run() async throws {
        while !Task.isCancelled {
            let start = clock.now
            try look()
            let took = max(.zero, clock.now - start)
            do { try await clock.sleep(for: limits.rest + took * limits.restFactor) } catch { return }
        }
    }

    /// Takes what is new, then checks the chains that are due.
    package func look() throws {
        var counts = Counts()
        var watched = try store.watched()
        var due: [CorrelationID: Timestamp] = [:]
        let indexed = index.progress()
        for reader in readers {
            // The index is asked for chains, so it has to be as far.
            let end = min(indexed[reader.partition]?.position ?? .start, try reader.head().position)
            guard let position = watched[reader.partition], try position <= reader.head().position else {
                watched[reader.partition] = end
                continue
            }
            guard position < end else { continue }
            let left = end.rawValue - position.rawValue
            for event in try reader.events(after: position, limit: Int(min(left, UInt64(limits.eventsPerLook)))) {
                due[event.correlationID] = clock.now + limits.quiet
                watched[reader.partition] = event.position
            }
            counts.behind += end.rawValue - (watched[reader.partition] ?? end).rawValue
        }
        try store.watch(watched, due: due)
        let found = try checkDue()
        (counts.pending, counts.findings) = try store.watchCounts()
        onChange(counts, found)
    }

    private func checkDue() throws -> [CausalFinding] {
        var found: [CausalFinding] = []
        for correlation in try store.dueChains(by: clock.now, limit: limits.chainsPerLook) {
            let passed = try check.passed()
            let places = index.places(of: correlation)
            let events = try readers.flatMap { reader in
                try reader.events(of: correlation, by: places).map { (reader.partition, $0) }
            }
            let result = try check.run(events, passed: passed, now: clock.now)
            let next = result.pending > 0 ? clock.now + max(limits.quiet, longest / 2) : nil
            found += try store.conclude(correlation, result.findings, at: clock.now, next: next)
        }
        return found
    }
}
