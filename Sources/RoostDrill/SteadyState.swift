import Foundation
import RoostClient
import RoostCluster
import RoostCore
import RoostLog
package import RoostNode
import RoostTrace

/// What has to hold whenever nothing is going on: before the method of a drill and after it.
package struct SteadyState: Sendable {
    private let home: DrillHome
    private let domain: Domain
    private let ledger: DrillLedger
    private let within: Duration

    package init(_ home: DrillHome, domain: Domain, ledger: DrillLedger, within: Duration) {
        self.home = home
        self.domain = domain
        self.ledger = ledger
        self.within = within
    }

    /// How soon it came back, and what does not hold.
    package struct Look: Sendable {
        package var readyAfter: Double?
        package var caughtUpAfter: Double?
        package var findings: [DrillFinding] = []
        package var balance: [DrillReport.Balance] = []
        /// Events that former owners stored; nil when the log cannot be read.
        package var staleEvents: Int?
        /// What could not be looked at, and why: about that nothing is proved.
        package var obstacles: [String] = []

        /// That something cannot be looked at because the log is damaged is a finding as well.
        fileprivate mutating func check(_ what: String, _ body: () throws -> [DrillFinding]) {
            do {
                findings += try body()
            } catch let error as EventLogError where error.code == .corrupt {
                findings.append(DrillFinding(.logDamaged, error.description))
            } catch {
                obstacles.append("\(what) cannot be looked at: \(error)")
            }
        }
    }

    /// Waits for what has to become true, then checks what has to be.
    package func look() async throws -> Look {
        let start = ContinuousClock.now
        var look = Look()
        do {
            try await waitUntilReady(until: start + within)
            look.readyAfter = (ContinuousClock.now - start).fractionalSeconds
        } catch let error as ClusterError {
            look.findings.append(DrillFinding(.notRecovered, error.message))
        }
        return try await ClusterClient.withCluster(home.cluster, domain: domain, sending: false) { [look] client in
            var look = look
            try await waitUntilCaughtUp(client, since: start, &look)
            var balance: [DrillReport.Balance] = []
            look.check("the balance") {
                balance = try client.projections().projections.map { DrillReport.Balance($0) }
                return unbalanced(balance)
            }
            look.balance = balance
            checkLog(client, &look)
            look.check("the projections") { try checkProjections(client) }
            return look
        }
    }

    /// Only what the log holds: for a cluster of which nothing runs any more.
    package func lookAtLog() async throws -> Look {
        try await ClusterClient.withCluster(home.cluster, domain: domain, sending: false) { client in
            var look = Look()
            checkLog(client, &look)
            return look
        }
    }

    private func waitUntilCaughtUp(
        _ client: ClusterClient, since start: ContinuousClock.Instant, _ look: inout Look
    ) async throws {
        do {
            try await client.waitUntilCaughtUp(timeout: within)
            look.caughtUpAfter = (ContinuousClock.now - start).fractionalSeconds
        } catch let error as ClientError where error.code == "notCaughtUp" {
            look.findings.append(DrillFinding(.notConverged, error.message))
        } catch let error as CancellationError {
            throw error
        } catch {
            look.check("the readers") { throw error }
        }
    }

    /// Without holding a thread, so that a drill can be interrupted.
    private func waitUntilReady(until deadline: ContinuousClock.Instant) async throws {
        while true {
            do throws(ClusterError) {
                _ = try ClusterCommands.waitUntilReady(home.cluster, timeout: .zero)
                return
            } catch {
                let hasFailed = try ClusterState.read(home.cluster)?.processes.contains { $0.state == .failed } ?? true
                guard !hasFailed, ContinuousClock.now < deadline else { throw error }
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    private func unbalanced(_ balance: [DrillReport.Balance]) -> [DrillFinding] {
        balance.filter { !$0.balanced }.map { row in
            DrillFinding(
                .skippedSilently,
                "\(row.reader): \(row.appended) appended, but \(row.applied) applied, \(row.filtered) filtered, "
                    + "\(row.parked) parked, \(row.discarded) discarded, \(row.pending) pending")
        }
    }

    private func checkLog(_ client: ClusterClient, _ look: inout Look) {
        look.check("the log") { verify(client) }
        var staleEvents: Int?
        look.check("the content of the log") { try checkContent(client, &staleEvents) }
        look.staleEvents = staleEvents
        look.check("the contracts") { try checkContracts(client) }
    }

    private func verify(_ client: ClusterClient) -> [DrillFinding] {
        ClusterClient.verify(client.log).findings.map { finding in
            let isStale = finding.problem.hasPrefix("epoch")
            return DrillFinding(
                isStale ? .staleWriter : .logDamaged,
                "partition \(finding.partition), position \(finding.position): \(finding.problem)")
        }
    }

    private func checkContent(_ client: ClusterClient, _ staleEvents: inout Int?) throws -> [DrillFinding] {
        var content = LogContent()
        var unread: [PartitionID: String] = [:]
        for partition in client.partitions {
            do {
                let reader = try client.log.reader(partition)
                try reader.forEachEvent(through: reader.head().position) { content.add($0, in: partition) }
            } catch let error as EventLogError where error.code == .corrupt {
                unread[partition] = error.description
            }
        }
        staleEvents = content.stale
        return content.compare(with: ledger.entries, unread: unread)
    }

    private func checkContracts(_ client: ClusterClient) throws -> [DrillFinding] {
        try client.checkContracts { _, _ in }.findings.filter { $0.kind.isError }.map {
            DrillFinding(.contractBroken, "\($0.contract): \($0.kind.rawValue), \($0.detail)")
        }
    }

    /// Every projection is the fold of the log up to its checkpoint, what it has set aside included.
    private func checkProjections(_ client: ClusterClient) throws -> [DrillFinding] {
        try client.domain.projections.flatMap { try check($0, client) }
    }

    private func check(_ projection: any Projection.Type, _ client: ClusterClient) throws -> [DrillFinding] {
        let name = projection.name
        let live = try client.databases.read(projection: name) { database in
            (
                at: try database.progress().mapValues(\.position),
                tables: try database.roots(of: projection) + database.setAsideRoots()
            )
        }
        guard let live, let path = try client.databases.path(ofProjection: name) else {
            return [DrillFinding(.projectionWrong, "\(name) has no database")]
        }
        let heads = try client.heads()
        if let beyond = live.at.filter({ $0.value > heads[$0.key] ?? .start }).min(by: { $0.key < $1.key }) {
            let words = "\(name) is at position \(beyond.value) of partition \(beyond.key), which the log does not have"
            return [DrillFinding(.projectionWrong, words)]
        }
        let made = try PastProjection(projection, log: client.log, codec: client.codec, live: path)
            .roots(through: live.at) { _ in }
        let folded = made.tables + made.setAside
        guard live.tables.map(\.name) == folded.map(\.name) else {
            return [DrillFinding(.projectionWrong, "\(name) has set aside what the log does not make it set aside")]
        }
        return zip(live.tables, folded).filter { $0.root != $1.root }.map { live, folded in
            DrillFinding(
                .projectionWrong,
                "table \(live.name) of \(name) has \(live.rows) rows; the log makes \(folded.rows), and not the same")
        }
    }
}

extension DrillReport.Balance {
    fileprivate init(_ reader: ProjectionsDocument.Reader) {
        func sum(_ field: (ProjectionsDocument.Partition) -> UInt64) -> UInt64 {
            reader.partitions.reduce(0) { $0 + field($1) }
        }
        self.init(
            reader: reader.name, kind: reader.kind, appended: sum { $0.head }, applied: sum { $0.applied },
            filtered: sum { $0.filtered }, parked: sum { $0.parked }, discarded: sum { $0.discarded },
            pending: sum { $0.pending }, balanced: reader.balanced)
    }
}
