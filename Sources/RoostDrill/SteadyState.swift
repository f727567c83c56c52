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
        look = try await ClusterClient.withCluster(home.cluster, domain: domain, sending: false) { client in
            var look = look
            do {
                try await client.waitUntilCaughtUp(timeout: within)
                look.caughtUpAfter = (ContinuousClock.now - start).fractionalSeconds
            } catch let error as ClientError where error.code == "notCaughtUp" {
                look.findings.append(DrillFinding(.notConverged, error.message))
            }
            look.balance = try client.projections().projections.map { DrillReport.Balance($0) }
            look.findings += try check(client, look.balance)
            return look
        }
        return look
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

    private func check(_ client: ClusterClient, _ balance: [DrillReport.Balance]) throws -> [DrillFinding] {
        let unbalanced = balance.filter { !$0.balanced }.map { row in
            DrillFinding(
                .skippedSilently,
                "\(row.reader): \(row.appended) appended, but \(row.applied) applied, \(row.filtered) filtered, "
                    + "\(row.parked) parked, \(row.discarded) discarded, \(row.pending) pending")
        }
        let checks = [checkContent, checkContracts, checkProjections]
        return try checks.reduce(unbalanced + checkLog(client)) { found, check in
            try found + Self.damage { try check(client) }
        }
    }

    /// What cannot be checked because the log is damaged has been found out all the same.
    private static func damage(_ check: () throws -> [DrillFinding]) throws -> [DrillFinding] {
        do {
            return try check()
        } catch let error as EventLogError where error.code == .corrupt {
            return [DrillFinding(.logDamaged, error.description)]
        }
    }

    private func checkLog(_ client: ClusterClient) -> [DrillFinding] {
        ClusterClient.verify(client.log).findings.map { finding in
            let isStale = finding.problem.hasPrefix("epoch")
            return DrillFinding(
                isStale ? .staleWriter : .logDamaged,
                "partition \(finding.partition), position \(finding.position): \(finding.problem)")
        }
    }

    private func checkContent(_ client: ClusterClient) throws -> [DrillFinding] {
        var content = LogContent()
        for (partition, head) in try client.heads() {
            try client.log.reader(partition).forEachEvent(through: head) { content.add($0) }
        }
        return content.compare(with: ledger.entries)
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
