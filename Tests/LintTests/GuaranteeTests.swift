import Foundation
import Testing

/// The numbered cases are tests, and the article that lists them says which.
@Suite("The list of guarantees")
struct GuaranteeTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Every name of a numbered case in a text, with its number.
    private static func cases(in text: String) -> [(number: Int, name: String)] {
        text.matches(of: #/"(Case (\d+): [^"\n]+)"/#).compactMap { match in
            Int(match.2).map { ($0, String(match.1)) }
        }
    }

    private static func tested() throws -> [(number: Int, name: String)] {
        let folder = root.appendingPathComponent("Tests")
        let names = try #require(FileManager.default.subpaths(atPath: folder.path)).filter { $0.hasSuffix(".swift") }
        return try names.sorted().flatMap {
            cases(in: try String(contentsOf: folder.appendingPathComponent($0), encoding: .utf8))
        }
    }

    @Test("Each of the twenty cases is the name of a test")
    func numbers() throws {
        #expect(try Set(Self.tested().map(\.number)) == Set(1...20))
    }

    @Test("The article names these tests and no others")
    func article() throws {
        let article = Self.root.appendingPathComponent("Sources/Roost/Roost.docc/Guarantees.md")
        let text = try String(contentsOf: article, encoding: .utf8)
        let tested = try Set(Self.tested().map(\.name))
        for name in tested where !text.contains(name) { Issue.record("Guarantees.md does not name \(name)") }
        for match in text.matches(of: #/Case \d+: [^<|\n]+/#) {
            let name = match.0.trimmingCharacters(in: .whitespaces)
            #expect(tested.contains(name), "Guarantees.md names what is no test: \(name)")
        }
    }
}
