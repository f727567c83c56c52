import RoostCluster
import RoostCore
import RoostDrill
import Shop
import Testing

@Suite("Drill files")
struct DrillFormatTests {
    private static let whole = """
        drill: 1
        name: everything
        title: Every key once
        given:
          topology: ../shop.yaml
          with: {bus: {sendHighWater: 5}}
          failpoints: {search: projection.after-commit@3}
          load: 200
        load: {commands: 1200, rate: 300, clients: 2}
        queries: always
        settle: 10s
        seed: 9
        stop-if: {restarts: 9, lag: 5000, failed: true, after: 30s}
        expect: {search: {gaps: 1.., eventsFromBus: 0, messages: ..9}}
        method:
          - {at: 3s, kill: [orders-0, search]}
          - {at: 1s, pause: dashboard, for: 4s}
          - {at: 2s, rebuild: {projection: search, prove: true, rate: 500, swap: false}, beside: true, exit: 2}
          - {at: 2s, fault: {kind: drop, from: orders, to: search, rate: 50%}, for: 1s}
          - {at: 4s, wait-for: {process: search, state: failed}, says: restored, within: 5s}
          - {at: 6s, burst: 50}
        """

    @Test("Everything that a drill says is read")
    func reads() throws {
        let drill = try Drill.parse(Self.whole, file: "d.yaml")
        #expect(drill.name == "everything" && drill.title == "Every key once" && drill.seed == 9)
        #expect(drill.given.load?.commands == 200 && drill.given.failpoints == ["search": "projection.after-commit@3"])
        #expect(drill.load?.commands == 1200 && drill.load?.clients == 2 && drill.load?.duration == .seconds(4))
        #expect(drill.queriesAlways && drill.settleWithin == .seconds(10))
        #expect(drill.stopIf.restarts == 9 && drill.stopIf.lag == 5000)
        #expect(drill.stopIf.failed && drill.stopIf.after == .seconds(30))
        #expect(drill.expected.map(\.range) == [1 ... .max, 0...0, 0...9])
    }

    @Test("A counter that nobody tells is refused, with what was meant: it would count as nothing for ever")
    func counters() throws {
        let text =
            Self.whole.replacing("gaps: 1..", with: "eventsFromLogg: 1..")
            + "\nensure: {orders: {refused.fencedd: 0, refused.fenced: 0, refused.badChecksum: 1..}, "
            + "search: {eventsFromLogg: 0}}\n"
        let drill = try Drill.parse(text, file: "d.yaml")
        let problems = drill.check(for: ShopDomain.domain).map { "\($0)" }
        #expect(problems.count == 3, "\(problems)")
        #expect(
            problems[0].hasPrefix("d.yaml:14:19: ") && problems[0].contains("'eventsFromLogg'")
                && problems[0].contains("did you mean 'eventsFromLog'?"))
        #expect(problems[1].contains("'refused.fencedd', which is asked of orders"))
        #expect(problems[1].hasPrefix("d.yaml:22:19: ") && problems[2].hasPrefix("d.yaml:22:"))
    }

    @Test("Steps come in the order of their times, with what undoes those that last")
    func order() throws {
        let drill = try Drill.parse(Self.whole, file: "d.yaml")
        #expect(
            drill.steps.map(\.words) == [
                "pause dashboard", "rebuild search --prove --rate 500",
                "fault drop from orders to search rate 50%", "kill orders-0", "kill search",
                "clear drop from orders to search rate 50%", "wait until search is failed", "resume dashboard",
                "send 50 commands at once",
            ])
        #expect(drill.steps[1].exit == .code(2) && !drill.steps[1].isAwaited)
        #expect(
            drill.steps[2].commands(home: "H", cluster: "c", up: []) == [
                ["fault", "add", "drop", "--from", "orders", "--to", "search", "--rate", "50%"]
            ])
    }

    @Test("A step without a time comes right after the one before, whatever stands further down")
    func follows() throws {
        let method = "method: [{at: 3s, kill: a}, {kill: b}, {at: 1s, kill: c}, {stop: [d, e]}]"
        let drill = try Drill.parse("drill: 1\nname: x\ntitle: t\n\(method)\n", file: "d.yaml")
        #expect(drill.steps.map(\.words) == ["kill c", "stop d", "stop e", "kill a", "kill b"])
    }

    @Test(
        "What is wrong is said with its place and what was probably meant",
        arguments: [
            ("metod: []", "3:1", "did you mean 'method'?"),
            ("method: [{kil: search}]", "3:11", "did you mean 'kill'?"),
            ("method: [{kill: a, stop: b}]", "3:10", "exactly one of"),
            ("method: [{at: soon, kill: a}]", "3:15", "'at' must be a time"),
            ("method: [{kill: a, for: 2s}]", "3:25", "is not undone"),
            ("method: [{remove: ../x}]", "3:19", "below the cluster's directory"),
            ("method: [{wait-for: redy}]", "3:21", "did you mean 'ready'?"),
            ("method: []\nexpect: {a: {b: 3..1}}", "4:17", "a number or a range"),
            ("method: []\nmode: explore", "", "has the key 'explore'"),
            ("method: []\ngiven: {failpoints: {a: b}}", "4:25", "NAME@COUNT"),
        ])
    func problems(_ text: String, _ place: String, _ words: String) throws {
        let head = "drill: 1\nname: x\n"
        let error = #expect(throws: TopologyError.self) {
            try Drill.parse(head + text + "\ntitle: t\n", file: "d.yaml")
        }
        let problems = try #require(error).problems.map(\.description)
        #expect(problems.contains { $0.contains("d.yaml:\(place)") && $0.contains(words) }, "\(problems)")
    }

    @Test("A drill that explores draws the same steps for the same seed, and others for another")
    func explores() throws {
        let text = """
            drill: 1
            name: x
            title: t
            mode: explore
            explore: {picks: 6, within: 5s, among: [{kill: a}, {pause: b, for: 1s}, {restart: c}]}
            """
        let drill = try Drill.parse(text, file: "d.yaml")
        let words = { (seed: UInt64) in
            var random = SeededRandom(seed: seed)
            return drill.steps(exploring: &random).map { "\($0.at) \($0.words)" }
        }
        #expect(words(1) == words(1))
        #expect(words(1) != words(2))
        #expect(words(1).count >= 6)
    }

    @Test("A topology keeps what the drill does not change")
    func overlay() throws {
        try withTemporaryFile(
            """
            roost: 1
            name: t
            log: {partitions: 1, placement: {g: {categories: [a], partitions: 0}}}
            bus: {sendHighWater: 7, receiveHighWater: 8}
            processes:
              w: {role: aggregate, hosts: g}
              p: {role: projection, env: {A: "1"}}
            """
        ) { file in
            let drill = try Drill.parse(
                """
                drill: 1
                name: x
                title: t
                given:
                  with: {bus: {sendHighWater: 5}}
                  failpoints: {p: projection.after-commit@3}
                method: []
                """, file: "d.yaml")
            let topology = try Topology.parse(drill.topology(over: file, home: "/h"), file: "x")
            #expect(topology.bus.sendHighWater == 5 && topology.bus.receiveHighWater == 8)
            #expect(
                topology.processes.last?.environment == [
                    "A": "1", "ROOST_FAILPOINT": "projection.after-commit@3:/h/reached-p",
                ])
        }
    }

    @Test("Processes that the topology has not are refused before anything runs")
    func unknownProcesses() throws {
        let topology = try Topology.parse(
            """
            roost: 1
            name: t
            log: {partitions: 1, placement: {g: {categories: [a], partitions: 0}}}
            processes: {writer: {role: aggregate, hosts: g}, search: {role: projection}}
            """, file: "t.yaml")
        let drill = try Drill.parse(
            """
            drill: 1
            name: writr
            title: t
            method:
              - {kill: [writer, writer-0]}
              - {stop: writr}
              - {fault: {kind: full-disk, process: writre}}
              - {fault: {kind: drop, from: writer, to: writer}}
              - {rebuild: search}
              - {rebuild: writer}
            given: {poison: {writer: order/1, search: order/1}}
            """, file: "d.yaml")
        let problems = TopologyError(drill.check(against: topology)).problems.map(\.description)
        #expect(problems.count == 5, "\(problems)")
        #expect(problems[0] == "d.yaml:6:12: the topology 't' has no process 'writr'; did you mean 'writer'?")
        #expect(problems[1] == "d.yaml:7:13: there is no process 'writre'; did you mean 'writer'?")
        #expect(problems[2].hasPrefix("d.yaml:8:13: "), "also where a name that is right stands before")
        #expect(problems.contains("d.yaml:10:15: writer is no projection; they are search"))
        #expect(problems.last == "d.yaml:11:18: writer is no projection; they are search")
    }
}
