import Foundation
import Testing

/// A cluster of which one projection cannot take every event.
private struct PoisonCluster {
    let tool: Tool

    /// Up and ready; ended whatever happens. `slow` stands still where it is not let go.
    static func with(isSlow: Bool = false, _ body: (PoisonCluster) async throws -> Void) async throws {
        let cluster = PoisonCluster(tool: try Tool("PoisonExample"))
        defer { #expect(throws: Never.self) { try cluster.tool.remove() } }
        if !isSlow { try cluster.turn("go") }
        try await expect(cluster.tool, exit: 0, "up", "Tests/PoisonExample/poison.yaml", "-d", "--wait")
        do {
            try await body(cluster)
        } catch {
            _ = try await cluster.tool.run("down")
            throw error
        }
        try cluster.turn("go")
        try await expect(cluster.tool, exit: 0, "down")
    }

    func turn(_ name: String, on isOn: Bool = true) throws {
        let path = tool.home + "/" + name
        if isOn {
            try Data().write(to: URL(fileURLWithPath: path))
        } else {
            try FileManager.default.removeItem(atPath: path)
        }
    }

    func fill(_ jar: String, _ grams: Int...) async throws {
        for gram in grams {
            try await expect(tool, exit: 0, "send", "FillJar", #"{"grams":\#(gram)}"#, "--to", "jar/\(jar)")
        }
    }

    func caughtUp() async throws { try await expect(tool, exit: 0, "wait", "--for", "caught-up", "--timeout", "60s") }

    struct Projections: Decodable {
        struct Reader: Decodable {
            let name: String
            let balanced: Bool
            let partitions: [Partition]
            func sum(_ field: (Partition) -> Int) -> Int { partitions.reduce(0) { $0 + field($1) } }
        }
        struct Partition: Decodable {
            let head, applied, parked, discarded, pending: Int
        }
        let projections: [Reader]
    }

    func projection(_ name: String) async throws -> Projections.Reader {
        let answer = try await tool.run("projections", "--json")
        let document = try JSONDecoder().decode(Projections.self, from: Data(answer.output.utf8))
        return try #require(document.projections.first { $0.name == name })
    }

    struct Parked: Decodable {
        struct Stream: Decodable {
            let projection, stream, kind, reason: String
            let events: Int
        }
        struct Discarded: Decodable {
            let stream, reason: String
            let events: Int
        }
        let schema: String
        let streams: [Stream]
        let discarded: [Discarded]
    }

    func parked() async throws -> Parked {
        try JSONDecoder().decode(Parked.self, from: Data(try await tool.run("parked", "--json").output.utf8))
    }

    /// Grams by jar.
    func rows(_ projection: String) async throws -> [String: Int] {
        let rows = try await tool.run("query", projection, "--json").document()["rows"] as? [[String: Any]] ?? []
        return Dictionary(
            uniqueKeysWithValues: rows.map { ($0["jar"] as? String ?? "", $0["grams"] as? Int ?? 0) })
    }

    struct Rebuilt: Decodable {
        let verdict: String
        let parked, liveParked: Int
        let setAsideEqual: Bool
        let certificate: String?
    }

    func rebuild(_ words: String..., expecting code: Int32 = 0) async throws -> Rebuilt {
        let answer = try await tool.run(["rebuild", "shelf", "--json"] + words)
        #expect(answer.code == code, "\(answer.errors)")
        return try JSONDecoder().decode(Rebuilt.self, from: Data(answer.output.utf8))
    }
}

@Suite("A poison event", .serialized, .timeLimit(.minutes(4)))
struct PoisonTests {
    @Test(
        "Case 7: A poison event parks its stream, live and in a rebuild alike, and its error reaches the command line")
    func parks() async throws {
        try await PoisonCluster.with { cluster in
            let tool = cluster.tool
            try await cluster.fill("a", 5, 666, 7)
            try await cluster.fill("b", 1)
            try await cluster.caughtUp()
            let shelf = try await cluster.projection("shelf")
            #expect(shelf.balanced && shelf.sum { $0.applied } == 2 && shelf.sum { $0.parked } == 2)
            let steady = try await cluster.projection("steady")
            #expect(steady.balanced && steady.sum { $0.applied } == 4 && steady.sum { $0.parked } == 0)
            #expect(try await cluster.rows("shelf") == ["a": 5, "b": 1])

            let parked = try await cluster.parked()
            #expect(parked.schema == "roost.parked/1" && parked.streams.map(\.stream) == ["jar/a"])
            #expect(parked.streams.map(\.events) == [2] && parked.streams[0].reason.contains("grams(666)"))
            let shown = try await tool.run("parked", "show", "jar/a").output
            #expect(shown.contains("grams(666)") && shown.contains("next: roost parked retry jar/a"), "\(shown)")
            let ps = try await tool.run("ps", "--json").output
            #expect(ps.contains(#""parkedStreams" : 1"#) || ps.contains(#""parkedStreams": 1"#), "\(ps)")

            let dry = try await tool.run("parked", "retry", "jar/a", "--dry-run")
            #expect(dry.code == 2 && dry.output.contains("grams(666)") && dry.errors.contains("2 events of 1 stream"))
            try await expect(tool, exit: 2, "parked", "retry", "jar/a")
            #expect(try await cluster.rows("shelf") == ["a": 5, "b": 1])

            let rebuilt = try await cluster.rebuild("--prove")
            #expect(rebuilt.verdict == "equal" && rebuilt.parked == 2 && rebuilt.setAsideEqual)
            try await expect(tool, exit: 0, "certificate", "verify", try #require(rebuilt.certificate))
        }
    }

    @Test(
        "is applied after all once the code is mended, in the order of its stream; a rebuild with mended code has none")
    func retried() async throws {
        try await PoisonCluster.with { cluster in
            let tool = cluster.tool
            try await cluster.fill("a", 5, 666, 7)
            try await cluster.fill("c", 666)
            try await cluster.caughtUp()
            try cluster.turn("mended")
            let rebuilt = try await cluster.rebuild(expecting: 2)
            #expect(rebuilt.parked == 0 && rebuilt.liveParked == 3)
            try await expect(tool, exit: 0, "parked", "retry", "jar/a", "--dry-run")
            #expect(try await cluster.parked().streams.count == 2)
            let retried = try await tool.run("parked", "retry", "--all", "--json")
            #expect(try retried.code == 0 && retried.document()["events"] as? Int == 3, "\(retried.errors)")
            #expect(try await cluster.parked().streams.isEmpty)
            try await cluster.fill("a", 1)
            try await cluster.caughtUp()
            #expect(try await cluster.rows("shelf") == ["a": 679, "c": 666])
            #expect(try await cluster.projection("shelf").balanced)
            #expect(try await cluster.rebuild().verdict == "equal")
        }
    }

    @Test("that is given up is discarded: counted, listed by its reason, and left out of a rebuild that takes over")
    func discarded() async throws {
        try await PoisonCluster.with { cluster in
            let tool = cluster.tool
            try await cluster.fill("a", 5, 666, 7)
            try await cluster.caughtUp()
            try await expect(tool, exit: 64, "parked", "discard", "jar/a")
            try await expect(tool, exit: 0, "parked", "discard", "jar/a", "--first", "--yes")
            try await expect(tool, exit: 0, "parked", "retry", "jar/a")
            #expect(try await cluster.rows("shelf") == ["a": 12])
            let shelf = try await cluster.projection("shelf")
            #expect(shelf.balanced && shelf.sum { $0.discarded } == 1 && shelf.sum { $0.parked } == 0)
            #expect(try await cluster.rebuild("--swap").verdict == "equal")
            let parked = try await cluster.parked()
            #expect(parked.streams.isEmpty && parked.discarded.map(\.events) == [1])
            #expect(parked.discarded[0].reason.contains("grams(666)"))
            try await expect(tool, exit: 4, "parked", "retry", "jar/a")
            #expect(try await cluster.projection("shelf").balanced)
        }
    }

    @Test("Case 9: An event that takes the process with it is parked after so many deaths, live and in a rebuild")
    func crashes() async throws {
        try await PoisonCluster.with { cluster in
            let tool = cluster.tool
            try await cluster.fill("a", 13, 2)
            try await cluster.fill("b", 1)
            try await cluster.caughtUp()
            let parked = try await cluster.parked()
            #expect(parked.streams.map(\.kind) == ["crashed"] && parked.streams.map(\.events) == [2])
            #expect(parked.streams[0].reason == "the process died at it 2 times")
            #expect(try await cluster.rows("shelf") == ["b": 1])
            #expect(try await cluster.projection("shelf").balanced)
            let retry = try await tool.run("parked", "retry", "jar/a")
            #expect(retry.code == 2 && retry.output.contains("died at it when it was tried again"), "\(retry.output)")
            // A rebuild dies at it as often, and parks it then.
            let rebuilt = try await cluster.rebuild()
            #expect(rebuilt.verdict == "equal" && rebuilt.parked == 2)
            try cluster.turn("mended")
            try await expect(tool, exit: 0, "parked", "retry", "jar/a")
            #expect(try await cluster.rows("shelf") == ["a": 15, "b": 1])
        }
    }

    @Test("Case 8: A large parked set is counted first, then applied once each, although the process is killed")
    func killed() async throws {
        try await PoisonCluster.with { cluster in
            let (tool, count) = (cluster.tool, 3000)
            let lines = (1...count).map {
                #"{"command":"FillJar","to":"jar/a","data":{"grams":\#($0 == 1 ? 666 : 1)}}"#
            }
            let file = tool.home + "/jars.jsonl"
            try lines.joined(separator: "\n").write(toFile: file, atomically: true, encoding: .utf8)
            try await expect(tool, exit: 0, "load", file)
            try await cluster.caughtUp()
            #expect(try await cluster.parked().streams.map(\.events) == [count])
            try cluster.turn("mended")
            async let retried = tool.run("parked", "retry", "--all", "--json")
            for _ in 1...3 { _ = try await tool.run("kill", "shelf") }
            let answer = try await retried
            #expect(answer.code == 0 && answer.errors.contains("\(count) events of 1 stream parked in shelf"))
            #expect(try await cluster.rows("shelf") == ["a": 666 + count - 1])
            #expect(try await cluster.projection("shelf").balanced)
        }
    }

    @Test("Case 19: A poison event and a projection that stands still do not delay the others")
    func others() async throws {
        try await PoisonCluster.with(isSlow: true) { cluster in
            try await cluster.fill("a", 666, 1)
            try await cluster.fill("b", 1, 2, 3)
            var steady = try await cluster.projection("steady")
            for _ in 0..<600 where steady.sum({ $0.pending }) > 0 {
                try await Task.sleep(for: .milliseconds(50))
                steady = try await cluster.projection("steady")
            }
            #expect(steady.sum { $0.applied } == 5 && steady.sum { $0.pending } == 0)
            let slow = try await cluster.projection("slow")
            #expect(slow.balanced && slow.sum { $0.pending } == 5)
        }
    }
}
