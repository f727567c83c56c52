import Foundation
import Testing

/// The rules of the code that a compiler does not check. A rule names its targets and what it bans.
@Suite("The source obeys its rules")
struct SourceRulesTests {
    struct Rule: Sendable, CustomTestStringConvertible {
        let name: String
        /// Folders of `Sources`; empty means all.
        let targets: [String]
        /// Folders that may.
        var except: [String] = []
        let banned: [String]
        var testDescription: String { name }
    }

    static let rules = [
        Rule(
            name: "What decides and what a seed replays takes its clock, randomness and executors as parameters",
            targets: ["RoostCore", "RoostLog", "RoostLogSQLite", "RoostNode", "RoostTrace", "RoostSim"],
            banned: [
                #"\bTask\.sleep\b"#, #"\bTask\.detached\b"#, #"\bTask \{"#, #"@MainActor\b"#, #"\bDispatch"#,
                #"\bDate\(\)"#, #"\bUUID\(\)"#, #"\.random\("#, #"\bSystemRandomNumberGenerator\b"#,
                #"\bContinuousClock\b"#,
            ]),
        Rule(
            name: "No error is swallowed or turned into a crash", targets: [],
            banned: [#"\btry\?"#, #"\btry!"#, #"\bfatalError\("#]),
        Rule(
            name: "Only the command line and the benchmarks print", targets: [],
            except: ["Roost", "RoostCommand", "Benchmarks"], banned: [#"(^|[^.\w])print\("#]),
        Rule(
            name: "The core knows no Foundation, no files and no logging", targets: ["RoostCore", "RoostLog"],
            banned: [#"^\s*(public |package |internal )?import (Foundation|Glibc|Logging|GRDB)"#]),
        Rule(
            name: "Shop is written against the public API alone", targets: ["Shop"],
            banned: [#"\bpackage (import|func|let|var|struct|enum)"#, #"import (RoostCore|RoostNode|RoostLog)"#]),
        Rule(
            name: "One target alone touches libzmq", targets: [], except: ["RoostZeroMQ", "CZeroMQ"],
            banned: [#"import CZeroMQ"#, #"\bzmq_[a-z]+\("#]),
    ]

    @Test("Banned constructs are nowhere", arguments: rules)
    func banned(rule: Rule) throws {
        let patterns = try rule.banned.map { try Regex($0) }
        for file in try Self.sources() where rule.applies(to: file.target) {
            for (number, line) in file.code.enumerated() {
                for pattern in patterns where line.contains(pattern) {
                    Issue.record("\(file.path):\(number + 1): \(line.trimmingCharacters(in: .whitespaces))")
                }
            }
        }
    }

    @Test("No file is over 500 lines and no function over 70")
    func sizes() throws {
        for file in try Self.sources() {
            #expect(file.code.count <= 500, "\(file.path) has \(file.code.count) lines")
            for function in file.functions where function.lines > 70 {
                Issue.record("\(file.path):\(function.start): a function of \(function.lines) lines")
            }
        }
    }

    @Test("The scanner finds what it looks for")
    func scanner() throws {
        let file = SourceFile(
            path: "x.swift", target: "RoostCore", text: "// Task.sleep in a comment\nfunc a() {\n    Task.sleep()\n}\n")
        let pattern = try Regex(#"\bTask\.sleep\b"#)
        #expect(file.code.map { $0.contains(pattern) } == [false, false, true, false, false])
        #expect(file.functions.map(\.lines) == [3])
    }

    private static func sources() throws -> [SourceFile] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Sources")
        let names = try #require(FileManager.default.subpaths(atPath: root.path)).sorted()
        let files = try names.filter { $0.hasSuffix(".swift") }.map { name in
            SourceFile(
                path: "Sources/" + name, target: String(name.prefix { $0 != "/" }),
                text: try String(contentsOf: root.appendingPathComponent(name), encoding: .utf8))
        }
        try #require(files.count > 50)
        return files
    }
}

extension SourceRulesTests.Rule {
    func applies(to target: String) -> Bool {
        !except.contains(target) && (targets.isEmpty || targets.contains(target))
    }
}

/// A source file as the rules see it: comment lines are blank.
struct SourceFile {
    let path: String
    let target: String
    let code: [String]

    init(path: String, target: String, text: String) {
        self.path = path
        self.target = target
        code = text.components(separatedBy: "\n").map { line in
            line.drop { $0 == " " }.hasPrefix("//") ? "" : line
        }
    }

    /// Functions by their indentation, which the formatter guarantees.
    var functions: [(start: Int, lines: Int)] {
        var found: [(start: Int, lines: Int)] = []
        for (number, line) in code.enumerated() {
            let body = line.drop { $0 == " " }
            guard body.contains("func ") || body.contains("init("), !body.contains("///") else { continue }
            let indent = String(repeating: " ", count: line.count - body.count)
            guard let end = code[number...].firstIndex(where: { $0.hasPrefix(indent + "}") }) else { continue }
            let next = code[(number + 1)...].firstIndex { $0.hasPrefix(indent + "func ") } ?? code.count
            if end < next { found.append((number + 1, end - number + 1)) }
        }
        return found
    }
}
