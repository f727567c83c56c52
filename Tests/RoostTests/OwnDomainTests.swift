import Foundation
import Testing

@Suite(.timeLimit(.minutes(2))) struct OwnDomainTests {
    @Test("The README's domain is the one that is compiled here, in at most 60 lines of code")
    func readme() throws {
        let readme = try text("README.md")
        let source = try text("Tests/TillsExample/Tills.swift")
        #expect(readme.contains(source))
        #expect(source.split(separator: "\n").count <= 60)
        #expect(readme.contains(try text("Tests/TillsExample/tills.yaml")))
    }

    @Test("An application of a few lines has the whole command line: up, send, query, trace, down")
    func wholeCommandLine() async throws {
        let tills = try Tool("TillsExample")
        defer { #expect(throws: Never.self) { try tills.remove() } }
        try await expect(tills, exit: 0, "up", "Tests/TillsExample/tills.yaml", "-d", "--wait")
        let put = try await tills.run(
            "send", "MoveMoney", #"{"cents":500}"#, "--to", "till/1", "--wait-for", "levels", "--json")
        #expect(put.code == 0)
        #expect(try put.document()["outcome"] as? String == "accepted")
        let query = try await tills.run("query", "levels", "--json")
        let rows = try query.document()["rows"] as? [[String: Any]]
        #expect(rows?.first?["cents"] as? Int == 500)
        let refused = try await tills.run("send", "MoveMoney", #"{"cents":-501}"#, "--to", "till/1", "--json")
        #expect(refused.code == 2)
        #expect(try refused.document()["reason"] as? String == "there are only 500 cents in the till")
        try await expect(tills, exit: 0, "wait", "--for", "caught-up")
        let trace = try await tills.run("trace", "--last", "--json")
        #expect(try trace.document()["complete"] as? Bool == true)
        try await expect(tills, exit: 5, "up", "Tests/TillsExample/tills.yaml", "-d")
        try await expect(tills, exit: 0, "rebuild", "levels")
        try await expect(tills, exit: 0, "log", "verify")
        try await expect(tills, exit: 0, "down")
        try await expect(tills, exit: 5, "down")
    }

    private func text(_ path: String) throws -> String {
        try String(contentsOfFile: Tool.packageDirectory + "/" + path, encoding: .utf8)
    }
}
