import ClientScenario
import Foundation
import RoostClient
import RoostCore
import RoostLog
import RoostNode
import Testing

@Suite("A certificate of a rebuild")
struct CertificateTests {
    private func scenario(_ body: (ClientScenario) async throws -> Void) async throws {
        let scenario = try ClientScenario()
        do {
            for id in 1...5 { try await scenario.record(UInt128(id), in: "note/\(id)", at: Int64(id)) }
            try await body(scenario)
        } catch {
            try scenario.remove()
            throw error
        }
        try scenario.remove()
    }

    /// What a rebuild of the titles would issue now, or with other facts.
    private func certificate(
        _ scenario: ClientScenario, log: LogID? = nil, revision: Int = 1, rows: UInt64? = nil, events: UInt64 = 5,
        root: String? = nil
    ) throws -> RebuildCertificate {
        let store = try ProjectionStore(NoteTitles.self, path: nil, logID: scenario.log.identity.id, codec: .json)
        for partition in ClientScenario.placement.partitions {
            let reader = try scenario.log.reader(partition)
            let page = try reader.events(after: .start, limit: 1000)
            guard let last = page.last else { continue }
            try store.transaction {
                try store.apply(page, of: partition)
                store.prove(partition, digest: try reader.commit(holding: last.position)?.digest ?? [])
            }
        }
        let roots = try store.roots()
        let progress = store.progress
        try store.close()
        return try RebuildCertificate(
            issuedAt: Timestamp(seconds: 9), cluster: "test", projection: "titles", revision: revision, build: "b",
            log: log ?? scenario.log.identity.id,
            partitions: ClientScenario.placement.partitions.map {
                RebuildCertificate.Partition($0, progress[$0] ?? Progress())
            },
            events: events,
            tables: roots.map {
                RebuildCertificate.Table(TableRoot(name: $0.name, rows: rows ?? $0.rows, root: $0.root))
            }, setAside: [], root: root ?? Hexadecimal.text(TableDigest.root(of: roots)), seconds: 0.5)
    }

    private func check(_ certificate: RebuildCertificate, _ scenario: ClientScenario) throws -> CertificateDocument {
        try scenario.client.check(certificate, build: "b") { _ in }
    }

    @Test("is valid as long as the log holds what it was made of, also when that grows")
    func valid() async throws {
        try await scenario { scenario in
            let certificate = try certificate(scenario)
            #expect(certificate.tables.map(\.rows) == [5])
            let now = try check(certificate, scenario)
            #expect(now.valid && now.sameBuild && now.problems == [])
            try await scenario.record(9, in: "note/1", data: #"{"title":"bread"}"#, at: 9)
            let later = try scenario.client.check(certificate, build: "another") { _ in }
            #expect(later.valid && !later.sameBuild)
        }
    }

    @Test("that was altered, is of another log, of another history, revision or other rows is not valid, and says why")
    func notValid() async throws {
        try await scenario { scenario in
            let whole = try certificate(scenario)
            let text = try String(decoding: DocumentText.line(whole), as: UTF8.self)
            let altered = try DocumentText.parse(
                RebuildCertificate.self,
                Array(text.replacing("\"cluster\":\"test\"", with: "\"cluster\":\"best\"").utf8), what: "it")
            #expect(try check(altered, scenario).problems == ["it was altered after it was issued"])
            let foreign = try check(try certificate(scenario, log: LogID(bits: 99)), scenario)
            #expect(!foreign.valid && foreign.problems.first?.hasPrefix("it is of log") == true)
            let older = try check(try certificate(scenario, revision: 7), scenario)
            #expect(older.problems == ["it is of revision 7 of titles, this build has 1"])
            let rows = try check(try certificate(scenario, rows: 4), scenario)
            #expect(rows.problems.first?.hasPrefix("table titles has 5 rows") == true, "\(rows.problems)")
            let fewer = try check(try certificate(scenario, events: 1), scenario)
            #expect(
                fewer.problems.first?.hasPrefix("it does not name each partition once") == true, "\(fewer.problems)")
            let made = try check(try certificate(scenario, root: "00"), scenario)
            #expect(made.problems == ["the root over all tables is another one"])
            let other = try ClientScenario()
            for id in 1...5 { try await other.record(UInt128(id + 20), in: "note/\(id)", at: Int64(id)) }
            let restored = try check(whole, other)
            #expect(
                restored.problems.first?.contains("has another history up to position") == true, "\(restored.problems)")
            try other.remove()
        }
    }
}
