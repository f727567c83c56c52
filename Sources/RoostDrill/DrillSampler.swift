import RoostClient
package import RoostCluster
import RoostCore
import RoostLog
package import RoostNode
import RoostTrace
import Synchronization

/// Looks at the cluster a few times a second and keeps what it saw.
package final class DrillSampler: Sendable {
    private static let every = Duration.milliseconds(250)

    fileprivate struct State {
        var totals = CounterTotals()
        var samples: [DrillReport.Sample] = []
        var marks: [DrillReport.Mark] = []
        var restarts: [String: Int] = [:]
        var claims: [PartitionID: Claim] = [:]
        var methodStart = ContinuousClock.now
        var watch: Drill.StopConditions?
    }

    /// The method has to be given up.
    package struct GivenUp: Error {
        package let reason: String
    }

    private let home: DrillHome
    private let domain: Domain
    private let isInterrupted: @Sendable () -> Bool
    private let state = Mutex(State())

    package init(_ home: DrillHome, domain: Domain, isInterrupted: @escaping @Sendable () -> Bool) {
        self.home = home
        self.domain = domain
        self.isInterrupted = isInterrupted
    }

    /// From here on the method runs, until `endMethod`.
    package func beginMethod(_ conditions: Drill.StopConditions) {
        state.withLock {
            $0.methodStart = .now
            $0.samples = []
            $0.marks = []
            $0.totals.begin()
            $0.watch = conditions
        }
    }

    package func endMethod() { state.withLock { $0.watch = nil } }

    package func mark(_ kind: DrillReport.Mark.Kind, _ text: String) {
        state.withLock { state in
            let mark = DrillReport.Mark(at: state.elapsed, kind: kind, text: text)
            state.marks.append(mark)
        }
    }

    package var elapsed: Double { state.withLock { $0.elapsed } }
    package var samples: [DrillReport.Sample] { state.withLock { $0.samples } }
    package var marks: [DrillReport.Mark] { state.withLock { $0.marks } }
    package var totals: CounterTotals { state.withLock { $0.totals } }

    /// Looks beside `body` until that ends, so that a drill can be interrupted at any moment.
    func watching(_ body: @escaping @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await self.run() }
            group.addTask { try await body() }
            _ = try await group.next()
        }
    }

    /// Until cancelled. Throws `GivenUp` when a condition of the drill says so, or somebody interrupts it.
    private func run() async throws {
        while true {
            if isInterrupted() { throw GivenUp(reason: "interrupted") }
            try await look()
            try await Task.sleep(for: Self.every)
        }
    }

    /// What says how events reached the readers.
    private static let delivery = ["published", "records", "eventsFromLog"]

    /// Looks until these counters stay the same for a while: processes tell them twice a second.
    package func settleCounters() async throws {
        var last: [Int64] = []
        var same = 0
        for _ in 0..<20 where same < 3 {
            try await look()
            let now = Self.delivery.map { totals.total($0) }
            same = now == last ? same + 1 : 0
            last = now
            try await Task.sleep(for: Self.every)
        }
    }

    private func look() async throws {
        guard let cluster = try ClusterState.read(home.cluster) else { return }
        let look = try await readers()
        let sample = state.withLock { $0.take(cluster, look) }
        if let reason = state.withLock({ $0.reason(to: sample, cluster) }) { throw GivenUp(reason: reason) }
    }

    fileprivate struct Look: Sendable {
        var lag: [String: UInt64] = [:]
        var events: UInt64 = 0
        var claims: [PartitionID: Claim] = [:]
    }

    /// Opened anew each time: a restore puts another log in the place of this one. What cannot be read just now shows
    /// as nothing.
    private func readers() async throws -> Look {
        do {
            return try await ClusterClient.withCluster(home.cluster, domain: domain, sending: false) { client in
                let heads = try client.heads()
                var claims: [PartitionID: Claim] = [:]
                for partition in client.partitions {
                    claims[partition] = try client.log.reader(partition).claim()
                }
                let lag = try client.readers().map { reader in
                    let behind = heads.map { partition, head in
                        let position = reader.checkpoints[partition] ?? .start
                        return head > position ? head.rawValue - position.rawValue : 0
                    }
                    return (reader.name, behind.reduce(0, +))
                }
                let events = heads.values.reduce(0) { $0 + $1.rawValue }
                return Look(lag: Dictionary(lag) { first, _ in first }, events: events, claims: claims)
            }
        } catch let error as CancellationError {
            throw error
        } catch {
            return Look()
        }
    }
}

extension DrillSampler.State {
    fileprivate var elapsed: Double { (ContinuousClock.now - methodStart).fractionalSeconds }

    fileprivate mutating func take(_ cluster: ClusterState, _ look: DrillSampler.Look) -> DrillReport.Sample {
        let lasting = cluster.processes.filter { !$0.isTemporary }
        totals.take(lasting.map { CounterTotals.Seen(name: $0.name, identity: $0.identity, counters: $0.counters) })
        for process in lasting {
            if let before = restarts[process.name], process.restarts > before {
                let reason = process.lastExit?.reason ?? "ended"
                marks.append(.init(at: elapsed, kind: .restart, text: "\(process.name) starts again: \(reason)"))
            }
            restarts[process.name] = process.restarts
        }
        for (partition, claim) in look.claims.sorted(by: { $0.key < $1.key }) {
            if let before = claims[partition], before.epoch != claim.epoch {
                let text = "partition \(partition) has epoch \(claim.epoch), claimed by \(claim.process)"
                marks.append(.init(at: elapsed, kind: .epoch, text: text))
                totals.add("claims", of: claim.process)
            }
            claims[partition] = claim
        }
        let sample = DrillReport.Sample(
            at: elapsed, ready: cluster.isReady, notReady: lasting.filter { !$0.ready }.map(\.name),
            restarts: lasting.reduce(0) { $0 + $1.restarts }, events: look.events, lag: look.lag)
        samples.append(sample)
        return sample
    }

    /// Why the method has to be given up now; nil while it may go on.
    fileprivate func reason(to sample: DrillReport.Sample, _ cluster: ClusterState) -> String? {
        guard let watch else { return nil }
        if let max = watch.restarts, sample.restarts > max { return "\(sample.restarts) restarts, at most \(max)" }
        if let max = watch.lag, let worst = sample.lag.max(by: { $0.value < $1.value }), worst.value > max {
            return "\(worst.key) is \(worst.value) events behind, at most \(max)"
        }
        if watch.failed, let failed = cluster.processes.first(where: { $0.state == .failed }) {
            return "\(failed.name) has failed: \(failed.lastExit?.reason ?? "no reason given")"
        }
        if sample.at > watch.after.fractionalSeconds { return "the method takes longer than \(watch.after.seconds) s" }
        return nil
    }
}

extension ProcessState {
    fileprivate var identity: ProcessIdentity? {
        pid.flatMap { pid in startTime.map { ProcessIdentity(pid: pid, startTime: $0) } }
    }
}
