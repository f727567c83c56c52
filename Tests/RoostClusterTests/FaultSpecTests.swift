import Foundation
import RoostCore
import Testing

@testable import RoostCluster

@Suite("Faults as text")
struct FaultSpecTests {
    @Test(
        "A fault in a topology, as words of a command and as JSON is the same fault, and shows as it is typed",
        arguments: [
            ("{kind: drop, from: orders, to: dashboard, rate: 100%}", "drop --from orders --to dashboard"),
            ("{kind: drop, link: bus, rate: 0.5%, seed: 7}", "drop --link bus --rate 0.5% --seed 7"),
            ("{kind: drop-first, from: orders-0, count: 5}", "drop-first --from orders-0 --count 5"),
            ("{kind: delay, to: orders, by: 50ms, jitter: 20ms}", "delay --to orders --by 50ms --jitter 20ms"),
            ("{kind: cut, from: gateway, to: stock, both: true}", "cut --from gateway --to stock --both"),
            ("{kind: pause, process: orders}", "pause --process orders"),
            ("{kind: clock-offset, process: orders, offset: -600s}", "clock-offset --process orders --offset=-10m"),
            ("{kind: slow-disk, process: search, by: 1s}", "slow-disk --process search --by 1s"),
            ("{kind: failing-sync, process: stock, rate: 12.25%}", "failing-sync --process stock --rate 12.25%"),
        ])
    func forms(_ yaml: String, _ typed: String) throws {
        let fault = try Self.fault(yaml)
        #expect(fault.command == "roost fault add \(typed)")
        #expect(try JSONDecoder().decode(FaultSpec.self, from: JSONEncoder().encode(fault)) == fault)
        #expect(try FaultSpec.parse([("kind", fault.kind.rawValue)] + fault.fields) == fault)
    }

    @Test("Every kind can be written with all that it may have", arguments: FaultKind.allCases)
    func everyKey(_ kind: FaultKind) throws {
        let texts = [
            "process": "stock", "from": "orders", "to": "fulfilment", "link": "bus", "rate": "25%", "count": "3",
            "by": "1ms", "jitter": "2ms", "both": "true", "offset": "1s", "seed": "9",
        ]
        let words = kind.keys.compactMap { key in texts[key].map { (key, $0) } }
        let fault = try FaultSpec.parse([("kind", kind.rawValue)] + words)
        #expect(fault.fields.map(\.name).sorted() == kind.keys.sorted())
        #expect(FaultCheck(try Topology.load(file: Repository.file("topology/shop.yaml"))).problems(fault).isEmpty)
    }

    @Test(
        "What is wrong with a fault is named with its place, and with what was probably meant",
        arguments: [
            ("{kind: dropp}", 11, "cannot be 'dropp'", "drop"),
            ("{rate: 1%}", 4, "has no key 'kind'", nil),
            ("{kind: drop, form: orders}", 17, "unknown key 'form'", "from"),
            ("{kind: drop, from: order}", 23, "no process 'order'", "orders"),
            ("{kind: drop, rate: 101%}", 23, "'rate' must be", nil),
            ("{kind: drop, rate: 0%}", 23, "'rate' must be", nil),
            ("{kind: drop, rate: 0.12345%}", 23, "'rate' must be", nil),
            ("{kind: drop, offset: 1s}", 17, "has no 'offset'", nil),
            ("{kind: delay, from: orders}", 4, "needs 'by'", nil),
            ("{kind: delay, by: 2h}", 22, "at most 1h", nil),
            ("{kind: pause}", 4, "needs 'process'", nil),
            ("{kind: drop, from: replay}", 23, "no message goes from replay", nil),
            ("{kind: drop, from: orders, to: gateway, link: bus}", 23, "on the link 'bus'", nil),
            ("{kind: full-disk, process: gateway}", 31, "gateway is of role gateway", nil),
            ("{kind: lost-writes, process: search}", 33, "for processes of role aggregate", nil),
            ("{kind: clock-offset, process: orders, offset: --1s}", 50, "'offset' must be", nil),
            ("{kind: kill, process: orders}", 4, "roost fault add kill --process orders", nil),
            ("drop", 4, "must be a mapping", nil),
        ] as [(String, Int, String, String?)])
    func problems(_ yaml: String, _ column: Int, _ says: String, _ suggestion: String?) throws {
        let error = #expect(throws: TopologyError.self) { try Self.fault(yaml) }
        let problem = try #require(error?.problems.first)
        #expect(problem.message.contains(says), "\(problem)")
        #expect(problem.column == column && problem.line == Self.line, "\(problem)")
        #expect(problem.suggestion == suggestion)
    }

    @Test("Over tcp only what needs no reading can be done to messages")
    func encrypted() throws {
        #expect(throws: TopologyError.self) { try Self.fault("{kind: drop}", transport: "tcp") }
        #expect(try Self.fault("{kind: delay, by: 1s}", transport: "tcp").kind == .delay)
    }

    private static let line = 41

    /// The only fault of the shop's topology with `yaml` in its list.
    private static func fault(_ yaml: String, transport: String = "ipc") throws -> FaultSpec {
        let shop = try String(contentsOfFile: Repository.file("topology/shop.yaml"), encoding: .utf8)
            .replacing("transport: ipc", with: "transport: \(transport)")
        let lines = shop.split(separator: "\n", omittingEmptySubsequences: false).count - 1
        let padding = String(repeating: "\n", count: Self.line - lines - 2)
        let topology = try Topology.parse(shop + padding + "faults:\n - \(yaml)\n", file: "t.yaml")
        return try #require(topology.faults?.first)
    }
}
