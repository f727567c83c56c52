import Foundation
import Testing

@Suite(.timeLimit(.minutes(2))) struct TraceExportTests {
    @Test("Several chains go into one export, and are shown again, all or one, where there is no cluster")
    func bundle() async throws {
        let tills = try Tool("TillsExample")
        defer { #expect(throws: Never.self) { try tills.remove() } }
        try await expect(tills, exit: 0, "up", "Tests/TillsExample/tills.yaml", "-d", "--wait")
        var chains: [String] = []
        for till in 1...3 {
            let sent = try await tills.run(
                "send", "MoveMoney", #"{"cents":\#(till)}"#, "--to", "till/\(till)", "--json")
            chains.append(try #require(try sent.document()["correlationID"] as? String))
        }
        let file = tills.home + "/chains.json"
        let asked = ["trace"] + chains + [chains[0]]
        let written = try await tills.run(asked + ["--json", "-o", file])
        #expect(written.code == 0)
        let tree = try await tills.run(asked)
        #expect(tree.output.split(separator: "\n").count { $0.hasPrefix("correlation ") } == 3)
        let events = try await tills.run(asked + ["--format", "cloudevents"]).output.split(separator: "\n")
        let datas = try events.map { try Self.object(String($0))["data"] as? [String: Any] }
        #expect(datas.map { $0?["cents"] as? Int } == [1, 2, 3])
        let slowest = try await tills.run("trace", "--slowest", "2", "--format", "otlp")
        #expect(try Self.spans(slowest) == 2)
        try await expect(tills, exit: 0, "down")
        try await expectOffline(tills, file, chains, tree: tree.output)
    }

    private func expectOffline(_ tills: Tool, _ file: String, _ chains: [String], tree: String) async throws {
        try FileManager.default.removeItem(atPath: tills.home + "/tills")
        let document = try Self.object(String(contentsOfFile: file, encoding: .utf8))
        #expect(document["schema"] as? String == "roost.traces/1")
        #expect(try await tills.run("trace", "--file", file).output == tree)
        let one = try await tills.run("trace", "--file", file, chains[1], "--json")
        #expect(try one.document()["schema"] as? String == "roost.trace/1")
        #expect(try one.document()["correlationID"] as? String == chains[1])
        #expect(try Self.spans(await tills.run("trace", "--file", file, "--format", "otlp")) == 3)
        let offline = try await tills.run("trace", "--file", file, "--format", "cloudevents").output
        #expect(offline.split(separator: "\n").count == 3 && !offline.contains("\"data\""))
        for format in ["mermaid", "dot"] {
            let refused = try await tills.run("trace", "--file", file, "--format", format)
            #expect(refused.code == 64 && refused.errors.contains("\(format) draws one chain, and these are 3"))
            try await expect(tills, exit: 0, "trace", "--file", file, chains[0], "--format", format)
        }
        let unknown = "0190b7a0000070008000000000000001"
        try await expect(tills, exit: 4, "trace", "--file", file, unknown)
        try await expect(tills, exit: 64, "trace", "--file", file, "--last")
    }

    private static func object(_ text: String) throws -> [String: Any] {
        try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] ?? [:]
    }

    private static func spans(_ answer: Tool.Answer) throws -> Int {
        let resources = try answer.document()["resourceSpans"] as? [[String: Any]] ?? []
        let scopes = resources.flatMap { $0["scopeSpans"] as? [[String: Any]] ?? [] }
        return scopes.reduce(0) { $0 + (($1["spans"] as? [Any])?.count ?? 0) }
    }
}
