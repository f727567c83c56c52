import RoostCore
import Testing

@testable import RoostCluster

/// One broken topology and the problem that must be found in it.
struct BrokenTopology: Sendable, CustomTestStringConvertible {
    let what: String
    let text: String
    let line: Int
    let column: Int
    let says: String
    var suggestion: String?

    var testDescription: String { what }

    /// A minimal topology with one part replaced.
    static func minimal(
        _ what: String, _ part: String, _ replacement: String, at line: Int, _ column: Int, says: String,
        suggestion: String? = nil
    ) -> BrokenTopology {
        BrokenTopology(
            what: what, text: TopologyText.minimal.replacing(part, with: replacement), line: line, column: column,
            says: says, suggestion: suggestion)
    }
}

extension BrokenTopology {
    static let all = structure + values + ownership

    static let structure: [BrokenTopology] = [
        minimal(
            "unknown key", "name: minimal", "nam: minimal\nname: minimal", at: 2, 1, says: "unknown key 'nam'",
            suggestion: "name"),
        minimal(
            "unknown key of a process", "hosts: all", "host: all", at: 5, 29, says: "unknown key 'host'",
            suggestion: "hosts"),
        minimal(
            "unknown key of the log", "log: {part", "log: {fsync: off, part", at: 3, 7, says: "unknown key 'fsync'"),
        minimal("key twice", "name: minimal", "name: minimal\nname: again", at: 2, 1, says: "name stands here twice"),
        minimal("no format", "roost: 1\n", "", at: 1, 1, says: "no key 'roost'"),
        minimal("another format", "roost: 1", "roost: 2", at: 1, 8, says: "format 1"),
        minimal("no name", "name: minimal\n", "", at: 1, 1, says: "no key 'name'"),
        minimal("no log", "log: {", "x-log: {", at: 1, 1, says: "no key 'log'"),
        minimal("no partitions", "{partitions: 1, ", "{", at: 3, 6, says: "no key 'partitions'"),
        minimal("no categories", "categories: [a], ", "", at: 3, 34, says: "no key 'categories'"),
        minimal("no role", "role: aggregate, ", "", at: 5, 3, says: "no key 'role'"),
        minimal("no hosts", ", hosts: all", "", at: 5, 3, says: "no key 'hosts'"),
        minimal(
            "a list for a mapping", "{role: aggregate, hosts: all}", "[aggregate]", at: 5, 11, says: "must be a mapping"
        ),
        minimal("no YAML", "name: minimal", "name: [minimal", at: 3, 4, says: "not valid YAML"),
        BrokenTopology(what: "empty file", text: "", line: 0, column: 0, says: "empty"),
    ]

    static let values: [BrokenTopology] = [
        minimal(
            "unknown role", "aggregate", "agregate", at: 5, 18, says: "cannot be 'agregate'", suggestion: "aggregate"),
        minimal("bad name", "name: minimal", "name: My Shop", at: 2, 7, says: "cannot be 'My Shop'"),
        minimal("no number", "{partitions: 1", "{partitions: many", at: 3, 19, says: "whole number"),
        minimal("no range", "partitions: 0}", "partitions: 0..3}", at: 3, 69, says: "such as 6 or 0-5"),
        minimal("range backwards", "partitions: 0}", "partitions: 3-0}", at: 3, 69, says: "such as 6 or 0-5"),
        minimal("no replicas", "hosts: all", "hosts: all, replicas: 0", at: 5, 51, says: "from 1 to 256"),
        minimal(
            "unknown transport", "log:", "bus: {transport: ipv}\nlog:", at: 3, 18, says: "'ipv'", suggestion: "ipc"),
        minimal("unlimited queue", "log:", "bus: {sendHighWater: 0}\nlog:", at: 3, 22, says: "from 1 to"),
        minimal(
            "restart never ever", "hosts: all", "hosts: all, restart: {when: nevr}", at: 5, 57, says: "'nevr'",
            suggestion: "never"),
        minimal("back-off", "hosts: all", "hosts: all, restart: {backoff: 5s}", at: 5, 60, says: "100ms..5s"),
        minimal("grace", "hosts: all", "hosts: all, stop: {grace: 10}", at: 5, 55, says: "250ms, 10s or 1m"),
        minimal("list for a text", "hosts: all", "hosts: all, env: {A: [1]}", at: 5, 50, says: "'A' must be a text"),
    ]

    static let ownership: [BrokenTopology] = [
        minimal(
            "category twice", "placement: {", "placement: {b: {categories: a, partitions: 0}, ", at: 3, 88,
            says: "already in group 'b'"),
        minimal(
            "groups overlap", "placement: {", "placement: {b: {categories: c, partitions: 0}, ", at: 3, 104,
            says: "belongs to group 'b' already"),
        minimal(
            "partition without a group", "{partitions: 1", "{partitions: 3", at: 3, 19,
            says: "partitions 1-2 belongs to no group"),
        minimal(
            "partition beyond the log", "partitions: 0}", "partitions: 0-2}", at: 3, 19, says: "set 'partitions: 3'"),
        minimal("unknown group", "hosts: all", "hosts: al", at: 5, 36, says: "hosts 'al'", suggestion: "all"),
        minimal(
            "two owners", "  writer:", "  other: {role: aggregate, hosts: a}\n  writer:", at: 6, 36,
            says: "which process 'other' owns already"),
        minimal(
            "no owner", "{role: aggregate, hosts: all}", "{role: replay}", at: 5, 3, says: "no process owns partition 0"
        ),
        minimal(
            "too many replicas", "hosts: all", "hosts: all, replicas: 2", at: 5, 51, says: "2 replicas for 1 partition"),
        minimal(
            "hosts of a projection", "  writer:", "  board: {role: projection, hosts: all}\n  writer:", at: 5, 29,
            says: "'hosts' is for the role aggregate"),
        minimal(
            "parking of a writer", "hosts: all", "hosts: all, parking: {streams: 1}", at: 5, 41,
            says: "'parking' is for the role projection"),
        minimal(
            "parking after no death", "  writer:", "  board: {role: projection, parking: {crashes: 0}}\n  writer:",
            at: 5, 48,
            says: "'crashes' must be a whole number from 1 to 20"),
        minimal("part of a group", "[a]", "[a, b]", at: 5, 36, says: "").with(
            TopologyText.minimal.replacing("[a]", with: "[a, b]").replacing("hosts: all", with: "hosts: a"), 5, 36,
            "host b too"),
        minimal(
            "two gateways", "  writer:", "  web: {role: gateway}\n  edge: {role: gateway}\n  writer:", at: 6, 3,
            says: "one process with 'role: gateway'"),
        minimal(
            "replica's name", "  writer:", "  writer-0: {role: projection}\n  writer:", at: 5, 3,
            says: "also that of a replica"),
        minimal("foreign partitions", "hosts: all", "hosts: all, partitions: 1", at: 5, 53, says: "holds nothing that"),
    ]

    func with(_ text: String, _ line: Int, _ column: Int, _ says: String) -> BrokenTopology {
        BrokenTopology(what: what, text: text, line: line, column: column, says: says, suggestion: suggestion)
    }
}

@Suite("Topology problems")
struct TopologyErrorTests {
    @Test("A mistake is named with its line, its column and what was meant", arguments: BrokenTopology.all)
    func mistakeIsNamed(_ broken: BrokenTopology) throws {
        let error = #expect(throws: TopologyError.self) { try Topology.parse(broken.text, file: "t.yaml") }
        let problems = try #require(error).problems
        let found = problems.first { $0.message.contains(broken.says) }
        let problem = try #require(found, "found only: \(problems)")
        #expect(problem.line == broken.line && problem.column == broken.column, "\(problem)")
        #expect(problem.suggestion == broken.suggestion)
    }

    @Test("The minimal topology that the mistakes are made in is correct")
    func minimalIsCorrect() throws {
        let topology = try Topology.parse(TopologyText.minimal, file: "t.yaml")
        #expect(topology.instances.map(\.name) == ["writer-0"])
    }

    @Test("All mistakes are reported at once, in the order of the file")
    func allAtOnce() throws {
        let text = """
            roost: 1
            nme: shop
            log: {partitions: x, placement: {}}
            bus: {transport: tpc}
            processes:
              a: {role: agregate}
              b: {roll: projection}
            """
        let error = #expect(throws: TopologyError.self) { try Topology.parse(text, file: "t.yaml") }
        let problems = try #require(error).problems
        #expect(problems.map(\.line) == [1, 2, 3, 4, 6, 7, 7])
        #expect(problems[1].description.hasPrefix("t.yaml:2:1: unknown key 'nme' in a topology"))
        #expect(problems[1].description.hasSuffix("did you mean 'name'?"))
    }

    @Test("A file that cannot be read is a problem of the file")
    func missingFile() throws {
        let error = #expect(throws: TopologyError.self) { try Topology.load(file: "/nowhere/shop.yaml") }
        #expect(try #require(error).description.hasPrefix("/nowhere/shop.yaml: cannot be read"))
    }

    @Test("Durability is no option", arguments: ["fsync", "durability", "synchronous"])
    func durability(_ key: String) throws {
        let text = TopologyText.minimal.replacing("log: {", with: "log: {\(key): off, ")
        #expect(throws: TopologyError.self) { try Topology.parse(text, file: "t.yaml") }
    }
}
