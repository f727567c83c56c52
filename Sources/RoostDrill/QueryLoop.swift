import RoostClient
import RoostCluster
import RoostCore
package import RoostNode
import Synchronization

/// Asks every projection again and again, as live readers do: none may fail, and none may go backwards.
package final class QueryLoop: Sendable {
    fileprivate struct State {
        var queries = DrillReport.Queries()
        var seen: [String: [PartitionID: Position]] = [:]
        var findings: [DrillFinding] = []
    }

    private static let pause = Duration.milliseconds(20)

    private let home: DrillHome
    private let domain: Domain
    private let state = Mutex(State())

    package init(_ home: DrillHome, domain: Domain) {
        self.home = home
        self.domain = domain
    }

    package var queries: DrillReport.Queries { state.withLock { $0.queries } }
    package var findings: [DrillFinding] { state.withLock { $0.findings } }

    /// Until cancelled.
    package func run() async throws {
        try await ClusterClient.withCluster(home.cluster, domain: domain, sending: false) { client in
            while true {
                for projection in client.domain.projections {
                    let query = projection.queries.first { query in
                        query.parameters.allSatisfy { $0.standard != nil }
                    }
                    if let query { ask(projection.name, query.name, client) }
                    try await Task.sleep(for: Self.pause)
                }
                if client.domain.projections.isEmpty { try await Task.sleep(for: Self.pause) }
            }
        }
    }

    private func ask(_ projection: String, _ query: String, _ client: ClusterClient) {
        do {
            let answer = try client.query(projection, [query])
            state.withLock { $0.heard(answer, projection) }
        } catch {
            state.withLock { $0.failed("\(projection) \(query): \(error)") }
        }
    }
}

extension QueryLoop.State {
    fileprivate mutating func heard(_ answer: QueryDocument, _ projection: String) {
        queries.asked += 1
        for place in answer.asOf {
            let before = seen[projection]?[place.partition] ?? .start
            if place.position < before {
                failed("\(projection) went back from position \(before) to \(place.position) of \(place.partition)")
            }
            seen[projection, default: [:]][place.partition] = place.position
        }
    }

    fileprivate mutating func failed(_ message: String) {
        queries.failed += 1
        if findings.count < 5 { findings.append(DrillFinding(.queryFailed, message)) }
    }
}
