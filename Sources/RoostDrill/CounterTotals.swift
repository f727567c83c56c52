package import RoostCluster

/// What every process has counted over all its runs: the counters of a process begin anew with each.
package struct CounterTotals: Sendable {
    private struct Run: Sendable {
        var identity: ProcessIdentity?
        var last: [String: Int64] = [:]
        /// Of the runs before.
        var ended: [String: Int64] = [:]

        var total: [String: Int64] { ended.merging(last) { $0 + $1 } }
    }

    private var runs: [String: Run] = [:]
    private var baseline: [String: [String: Int64]] = [:]

    package init() {}

    /// One process as the supervisor shows it.
    package struct Seen: Sendable {
        package let name: String
        /// nil while no process runs.
        package let identity: ProcessIdentity?
        package let counters: [String: Int64]

        package init(name: String, identity: ProcessIdentity?, counters: [String: Int64]) {
            self.name = name
            self.identity = identity
            self.counters = counters
        }
    }

    /// Takes what the supervisor says now.
    package mutating func take(_ processes: [Seen]) {
        for process in processes {
            var run = runs[process.name] ?? Run()
            let identity = process.identity
            if let identity, identity != run.identity {
                run.ended = run.total
                if run.identity != nil { run.ended["restarts", default: 0] += 1 }
                run.last = [:]
                run.identity = identity
            }
            // What a fault did is not told any more once that is cleared.
            run.last.merge(process.counters) { $1 }
            runs[process.name] = run
        }
    }

    /// Counts what a process does not tell itself.
    package mutating func add(_ counter: String, of process: String) {
        runs[process, default: Run()].ended[counter, default: 0] += 1
    }

    /// From here on only what comes counts.
    package mutating func begin() { baseline = runs.mapValues(\.total) }

    /// What each process has counted since `begin`, without what did not change.
    package var totals: [String: [String: Int64]] {
        Dictionary(
            uniqueKeysWithValues: runs.map { name, run in
                let before = baseline[name] ?? [:]
                return (name, run.total.map { ($0, $1 - (before[$0] ?? 0)) }.filter { $1 != 0 }.dictionary)
            })
    }

    /// All processes together, or one with all its replicas. What faults did counts under its own name, such as `lostBytes`.
    package func total(_ counter: String, of process: String? = nil) -> Int64 {
        totals.filter { name, _ in process.map { Self.matches(name, $0) } ?? true }
            .reduce(0) { $0 + Self.sum(counter, in: $1.value) }
    }

    private static func sum(_ counter: String, in counters: [String: Int64]) -> Int64 {
        counters.reduce(0) { sum, counted in
            let isMeant = counted.key == counter || FaultCounters.parse(counted.key)?.effect == counter
            return isMeant ? sum + counted.value : sum
        }
    }

    /// Besides what processes count: `restarts`, `claims` of partitions, and `lost`, the events that were published and not
    /// received.
    package func expected(_ counter: String, of process: String) -> Int64 {
        guard counter == "lost" else { return total(counter, of: process) }
        return max(0, total("published") - total("records", of: process))
    }

    private static func matches(_ instance: String, _ process: String) -> Bool {
        guard instance != process, instance.hasPrefix(process + "-") else { return instance == process }
        return UInt(instance.dropFirst(process.count + 1)) != nil
    }
}

extension [(String, Int64)] {
    fileprivate var dictionary: [String: Int64] { Dictionary(uniqueKeysWithValues: self) }
}
