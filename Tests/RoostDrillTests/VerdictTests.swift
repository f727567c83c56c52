import RoostCluster
import RoostCore
import RoostDrill
import RoostNode
import Testing

@Suite("Verdicts of drills")
struct VerdictTests {
    @Test("The most serious finding names the class, whatever else was found")
    func order() {
        let verdict = DrillVerdict(
            [DrillFinding(.leftover, "a"), DrillFinding(.acknowledgedLost, "b"), DrillFinding(.notConverged, "c")],
            inconclusive: "given up")
        #expect(verdict.result == .failed && verdict.class == .acknowledgedLost)
        #expect(verdict.findings.map(\.message) == ["b", "c", "a"])
        #expect(verdict.words == "failed: acknowledged event lost")
    }

    @Test("Without a finding a drill passes, unless it has proved nothing")
    func passing() {
        #expect(DrillVerdict([]).result == .passed)
        let verdict = DrillVerdict([], inconclusive: "it was given up")
        #expect(verdict.result == .inconclusive && verdict.words == "inconclusive: it was given up")
    }

    @Test("Counters go on over the runs of a process, and begin where the method begins")
    func counters() {
        var totals = CounterTotals()
        totals.take([process("a-0", run: 1, ["records": 5]), process("b", run: 1, ["records": 1])])
        totals.begin()
        totals.take([process("a-0", run: 1, ["records": 7]), process("b", run: 1, ["records": 1])])
        totals.take([process("a-0", run: nil, ["records": 8])])
        totals.take([process("a-0", run: nil, [:])])
        totals.take([process("a-0", run: 2, ["records": 4])])
        #expect(totals.total("records", of: "a") == 7)
        #expect(totals.total("records", of: "a-0") == 7 && totals.total("records", of: "b") == 0)
        #expect(totals.totals == ["a-0": ["records": 7, "restarts": 1], "b": [:]])
    }

    @Test("What a fault did counts under its own name, over all faults and runs, also after it was cleared")
    func faults() {
        var totals = CounterTotals()
        totals.take([process("a-0", run: 1, [:])])
        totals.begin()
        totals.take([process("a-0", run: 1, ["fault.1.readings": 3, "fault.2.readings": 4, "readings.other": 9])])
        totals.take([process("a-0", run: 1, ["fault.2.readings": 5])])
        totals.take([process("a-0", run: 2, ["fault.2.readings": 1])])
        #expect(totals.expected("readings", of: "a") == 9)
        totals.add("claims", of: "a-0")
        totals.add("claims", of: "a-1")
        #expect(totals.expected("claims", of: "a") == 2 && totals.expected("claims", of: "a-1") == 1)
    }

    private func process(_ name: String, run: UInt64?, _ counters: [String: Int64]) -> CounterTotals.Seen {
        CounterTotals.Seen(
            name: name, identity: run.map { ProcessIdentity(pid: Int32($0), startTime: $0) }, counters: counters)
    }
}
