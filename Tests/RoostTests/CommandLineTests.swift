import Foundation
import Testing

/// Uses `roost` where no cluster runs.
private func withRoost(_ body: (Tool) async throws -> Void) async throws {
    let roost = try Tool("roost")
    defer { #expect(throws: Never.self) { try roost.remove() } }
    try await body(roost)
}

@Suite(.timeLimit(.minutes(2))) struct CommandLineTests {
    @Test("Exit codes say what kind of thing went wrong")
    func exitCodes() async throws {
        try await withRoost { roost in
            try await expect(roost, exit: 0, "--help")
            try await expect(roost, exit: 64, "nope")
            try await expect(roost, exit: 64, "trace")
            try await expect(roost, exit: 5, "ps")
            try await expect(roost, exit: 5, "down")
            try await expect(roost, exit: 4, "ps", "--cluster", "nope")
            try await expect(roost, exit: 0, "check", "topology/shop.yaml")
            try await expect(roost, exit: 0, "doctor")
        }
    }

    @Test("An invalid topology exits 78 and names line, column and what was probably meant")
    func invalidTopology() async throws {
        try await withRoost { roost in
            let text = try String(contentsOfFile: Tool.packageDirectory + "/topology/shop.yaml", encoding: .utf8)
            let file = roost.home + "/wrong.yaml"
            try text.replacing("analytics: {role: projection}", with: "analytics: {rolle: projection}")
                .write(toFile: file, atomically: true, encoding: .utf8)
            let answer = try await roost.run("check", file)
            #expect(answer.code == 78)
            #expect(answer.errors.contains("wrong.yaml:2") && answer.errors.contains("did you mean 'role'?"))
        }
    }

    @Test("Errors under --json are one object with code, message and hint on the standard error")
    func jsonErrors() async throws {
        try await withRoost { roost in
            for arguments in [["ps", "--json"], ["send", "PlaceOrder", "{bad", "--to", "order/1", "--json"]] {
                let answer = try await roost.run(arguments)
                let object = try JSONSerialization.jsonObject(with: Data(answer.errors.utf8)) as? [String: Any]
                #expect(Set(object?.keys.map { $0 } ?? []) == ["code", "message", "hint"])
                #expect(answer.output.isEmpty && answer.code != 0)
            }
        }
    }

    @Test("Completions are made for every shell")
    func completions() async throws {
        try await withRoost { roost in
            for shell in ["bash", "zsh", "fish"] {
                let answer = try await roost.run("completions", shell)
                #expect(answer.code == 0 && answer.output.contains("rebuild"))
            }
        }
    }
}
