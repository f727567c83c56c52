import ClientScenario
import Foundation
import RoostClient
import RoostCore
import RoostLog
import RoostNode
import Testing

@Suite("Projections as of an earlier time") struct PastTests {
    /// Notes recorded at 10, 20 and 30 s, in both partitions.
    private func scenario() async throws -> ClientScenario {
        let scenario = try ClientScenario()
        for number in 1...9 {
            try await scenario.record(
                UInt128(number), in: "note/\(number)", data: #"{"title":"t\#(number)"}"#,
                at: Int64((number + 2) / 3 * 10))
        }
        return scenario
    }

    @Test("Everything recorded by the time is in it, the very moment included, and nothing later")
    func asOf() async throws {
        let scenario = try await scenario()
        defer { #expect(throws: Never.self) { try scenario.remove() } }
        for (seconds, count) in [(9, 0), (10, 3), (20, 6), (29, 6), (30, 9)] {
            let file = "\(scenario.directory)/as-of-\(seconds).db"
            let made = try scenario.client.rebuild(
                "titles", until: Timestamp(seconds: Int64(seconds)), into: file, progress: { _ in })
            #expect(made.events == UInt64(count))
            let answer = try scenario.client.query("titles", ["count"], in: file)
            #expect(answer.rows == [[.integer(Int64(count)), .null]])
        }
    }

    @Test("The newest time gives the rows of the live projection, and the same time the same digest")
    func sameRows() async throws {
        let scenario = try await scenario()
        defer { #expect(throws: Never.self) { try scenario.remove() } }
        try scenario.project()
        let live = try ProjectionStore(
            NoteTitles.self, path: "\(scenario.directory)/projections/titles/1.db", logID: scenario.log.identity.id,
            codec: .json)
        let made = try (1...2).map { number in
            try scenario.client.rebuild(
                "titles", until: Timestamp(seconds: 30), into: "\(scenario.directory)/\(number).db", progress: { _ in })
        }
        #expect(made[0].root == Hexadecimal.text(try live.root()))
        #expect(made[0].root == made[1].root)
        try live.close()
    }

    @Test("A time to come, a file that is there, a file that is missing or another projection's are refused")
    func refused() async throws {
        let scenario = try await scenario()
        defer { #expect(throws: Never.self) { try scenario.remove() } }
        let (client, file) = (scenario.client, "\(scenario.directory)/file.db")
        let make = { (time: Timestamp) in _ = try client.rebuild("titles", until: time, into: file, progress: { _ in })
        }
        #expect(ClientScenario.code { try make(client.now() + .seconds(1)) } == "timeInFuture")
        #expect(ClientScenario.code { _ = try client.query("titles", ["count"], in: file) } == "unknownFile")
        try Data("not empty".utf8).write(to: URL(fileURLWithPath: file))
        #expect(ClientScenario.code { try make(Timestamp(seconds: 30)) } == "fileExists")
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "not empty")
        let other = "\(scenario.directory)/other.db"
        let store = try ReaderStore(
            path: other, logID: scenario.log.identity.id, name: "other", revision: 1, tables: [])
        try store.close()
        #expect(ClientScenario.code { _ = try client.query("titles", ["count"], in: other) } == "otherProjection")
    }

    @Test("What an interrupted attempt left is made anew")
    func interrupted() async throws {
        let scenario = try await scenario()
        defer { #expect(throws: Never.self) { try scenario.remove() } }
        let file = "\(scenario.directory)/file.db"
        try Data("half".utf8).write(to: URL(fileURLWithPath: file + ".unfinished"))
        let made = try scenario.client.rebuild("titles", until: Timestamp(seconds: 20), into: file, progress: { _ in })
        #expect(made.events == 6)
        #expect(!FileManager.default.fileExists(atPath: file + ".unfinished"))
    }
}
