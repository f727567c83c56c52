import Foundation
import Testing

/// A command of the README with the output that the README promises.
struct TourStep: Sendable {
    let command: String
    var promised: [String] = []

    /// The steps of all console blocks between two headings.
    static func steps(of readme: String, from heading: String, to next: String) throws -> [TourStep] {
        let start = try #require(readme.range(of: heading)?.upperBound)
        let end = try #require(readme.range(of: next, range: start..<readme.endIndex)?.lowerBound)
        var steps: [TourStep] = []
        var isConsole = false
        for line in readme[start..<end].split(separator: "\n").map(String.init) {
            if line.hasPrefix("```") {
                isConsole = line == "```console"
            } else if isConsole, line.hasPrefix("$ ") {
                steps.append(TourStep(command: String(line.dropFirst(2))))
            } else if isConsole, !steps.isEmpty {
                steps[steps.count - 1].promised.append(line)
            }
        }
        return steps.filter { !$0.command.hasPrefix("swift build") && !$0.command.hasPrefix("export PATH") }
    }
}

/// The tours of the README, typed into a shell as a newcomer would.
@Suite(.timeLimit(.minutes(2))) struct TourTests {
    @Test("Every command of the README's tour works, and prints what the README says")
    func tour() async throws { try await take(from: "\n## A tour\n", to: "\n## Outcomes", atLeast: 20) }

    @Test("Every command of the README's own domain works")
    func ownDomain() async throws {
        try await take(from: "\n## Your own domain\n", to: "\n## Where to read more", atLeast: 4)
    }

    @Test("The roost commands that the README names are in the help")
    func named() async throws {
        let place = try Place()
        defer { #expect(throws: Never.self) { try place.remove() } }
        let help = try await Tool.shell("roost --help", in: place.path).output
        let names = try readme().matches(of: /\broost ([a-z]+)\b/).map { String($0.output.1) }
        #expect(Set(names).count >= 12)
        for name in Set(names) { #expect(help.contains("\n  \(name) "), "roost \(name)") }
    }

    private func take(from heading: String, to next: String, atLeast count: Int) async throws {
        let steps = try TourStep.steps(of: readme(), from: heading, to: next)
        #expect(steps.count >= count)
        let place = try Place()
        defer { #expect(throws: Never.self) { try place.remove() } }
        // One shell for all, because a tour sets variables; a line of its own marks the end of each answer.
        let mark = "---- end of step"
        let script = steps.map { "\($0.command)\ncode=$?; echo; echo '\(mark)' $code\n" }.joined()
        let answer = try await Tool.shell(script, in: place.path)
        let parts = answer.output.components(separatedBy: mark + " ")
        try #require(parts.count == steps.count + 1, "\(answer.errors)")
        for (index, step) in steps.enumerated() {
            #expect(parts[index + 1].hasPrefix("0\n"), "\(step.command): \(answer.errors)")
            let printed = parts[index].split(separator: "\n").dropFirst(index == 0 ? 0 : 1).map(String.init)
            guard !step.promised.isEmpty, !step.promised.contains(where: { $0.hasSuffix("…") }) else { continue }
            #expect(steady(printed) == steady(step.promised), "\(step.command)")
        }
    }

    /// What is the same in every run: the words, without numbers, IDs and widths.
    private func steady(_ lines: [String]) -> [String] {
        lines.map { line in
            line.replacing(/[0-9a-f]{64}|[0-9a-f]{8}-[0-9a-f-]{27}/, with: "ID")
                .replacing(/[0-9]+(\.[0-9]+)? (ms|s)\b/, with: "TIME").replacing(/[0-9]+(\.[0-9]+)?/, with: "N")
                .replacing(/[├└]/, with: "").replacing(/\ +/, with: " ")
        }.sorted()
    }

    private func readme() throws -> String {
        try String(contentsOfFile: Tool.packageDirectory + "/README.md", encoding: .utf8)
    }
}

/// A directory that looks like a clean clone to the commands of a tour.
private struct Place {
    let path = "/tmp/roost-tour-\(UUID().uuidString.prefix(8))"

    init() throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        for name in ["topology", "Tests"] {
            try FileManager.default.createSymbolicLink(
                atPath: path + "/" + name, withDestinationPath: Tool.packageDirectory + "/" + name)
        }
    }

    func remove() throws { try FileManager.default.removeItem(atPath: path) }
}
