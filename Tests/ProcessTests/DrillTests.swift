import Foundation
import RoostDrill
import Testing

extension ProcessTests {
    @Suite("Drills", .serialized, .timeLimit(.minutes(4)))
    struct DrillTests {
        private struct Report: Document {
            struct Verdict: Decodable, Sendable {
                let result: String
                let `class`: String?
                let reason: String?
            }
            struct Delivery: Decodable, Sendable {
                let reader: String
                let published: Int
                let received: Int
                let reread: Int
                let lost: Int
            }
            struct Balance: Decodable, Sendable {
                let appended: Int
                let pending: Int
                let balanced: Bool
            }
            struct Load: Decodable, Sendable {
                let acknowledged: Int
                let takenBack: Int
            }
            struct Step: Decodable, Sendable { let words: String }

            static let schemaName = "roost.drill/1"
            let schema: String
            let verdict: Verdict
            let steps: [Step]
            let load: Load
            let delivery: [Delivery]
            let balance: [Balance]
        }

        private static let head = "drill: 1\nname: tried\ntitle: Tried by a test\n"

        /// Runs a drill on the smallest topology and checks that nothing of it is left.
        private func run(_ drill: String, _ more: String..., expecting code: Int32) throws -> Report {
            try withDrill(drill) { command in
                try command(more + ["--json"]).finish().expecting(code).document(Report.self)
            }
        }

        private func withDrill<Result>(
            _ drill: String, _ body: ((_ more: [String]) throws -> RunningCommand) throws -> Result
        ) throws -> Result {
            try withTemporaryDirectory { directory in
                let file = directory + "/tried.yaml"
                let topology = Repository.path + "/topology/tiny.yaml"
                let text = Self.head + drill.replacing("TINY", with: topology)
                try Data(text.utf8).write(to: URL(fileURLWithPath: file))
                var environment = ProcessInfo.processInfo.environment
                environment["NO_COLOR"] = "1"
                let before = Self.leftovers()
                let result = try body { more in
                    try RunningCommand(
                        [ClusterUnderTest.executable, "drill", "run", file] + more, environment: environment,
                        files: directory)
                }
                // A drill of somebody else, which began meanwhile, goes away when it ends; what a drill leaves stays.
                let left = Self.leftovers().subtracting(before)
                try eventually("\(left) is gone", within: .seconds(90)) { Self.leftovers().isDisjoint(with: left) }
                return result
            }
        }

        /// Directories of drills that are there, or that a process works in.
        private static func leftovers() -> Set<String> {
            let directories = (try? FileManager.default.contentsOfDirectory(atPath: "/tmp")) ?? []
            return Set(directories.filter { $0.hasPrefix("rd-") } + processes().map(\.directory))
        }

        private static func processes() -> [(pid: String, directory: String)] {
            ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { pid in
                let bytes = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") ?? Data()
                let words = String(decoding: bytes, as: UTF8.self)
                guard let found = words.firstRange(of: "/tmp/rd-") else { return nil }
                return (pid, "rd-" + words[found.upperBound...].prefix { $0.isLetter || $0.isNumber })
            }
        }

        @Test("Every counter that ps shows is one that a drill can ask for")
        func counters() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                var random = SeededOrders("counters")
                try cluster.load(random.next(10), name: "counters")
                try cluster.waitUntilCaughtUp()
                let shown = try cluster.ps().processes.flatMap(\.counters.keys).filter { !$0.hasPrefix("faults.") }
                let unknown = Set(shown).filter { !DrillCounters.isKnown($0) }
                #expect(shown.count > 50 && unknown.isEmpty, "\(unknown.sorted())")
            }
        }

        @Test(
            "A projection killed under load passes, with what was published, received, re-read and lost, and the balance"
        )
        func passes() throws {
            let report = try run(
                """
                given: {topology: TINY, load: 20}
                load: {commands: 100, rate: 100}
                queries: always
                method: [{at: 300ms, kill: dashboard}, {at: 600ms, kill: writer}]
                """, expecting: 0)
            #expect(report.verdict.result == "passed")
            #expect(report.steps.map(\.words) == ["kill dashboard", "kill writer"])
            #expect(report.load.acknowledged == 120)
            #expect(report.balance.count == 3 && report.balance.allSatisfy { $0.balanced && $0.pending == 0 })
            #expect(report.balance.allSatisfy { $0.appended > 120 })
            let dashboard = try #require(report.delivery.first { $0.reader == "dashboard" })
            #expect(dashboard.published > 0 && dashboard.reread > 0)
            #expect(dashboard.lost == max(0, dashboard.published - dashboard.received))
        }

        @Test("A cluster that does not come back fails the drill, with its class")
        func notRecovered() throws {
            let report = try run(
                """
                given: {topology: TINY, load: 20}
                settle: 1s
                method: [{stop: dashboard}, {burst: 20}]
                """, expecting: 1)
            #expect(report.verdict.result == "failed" && report.verdict.class == "not recovered")
        }

        @Test("An acknowledged command that is not in the log fails the drill, whatever else is wrong")
        func lost() throws {
            let report = try run(
                """
                given: {topology: TINY, load: 20}
                settle: 2s
                method:
                  - cluster: down
                  - copy: {from: log, to: log-of-before}
                  - cluster: up
                  - burst: 20
                  - cluster: down
                  - remove: log
                  - copy: {from: log-of-before, to: log}
                  - {cluster: up, exit: any}
                """, expecting: 1)
            #expect(report.verdict.class == "acknowledged event lost")
        }

        @Test("A method that is given up shows all the same what was acknowledged and is not in the log")
        func lostAndGivenUp() throws {
            let report = try run(
                """
                given: {topology: TINY, load: 20}
                stop-if: {failed: true, after: 60s}
                method:
                  - cluster: down
                  - copy: {from: log, to: log-of-before}
                  - cluster: up
                  - burst: 20
                  - cluster: down
                  - remove: log
                  - copy: {from: log-of-before, to: log}
                  - {cluster: up, exit: any}
                  - {at: 100s, burst: 1}
                """, expecting: 1)
            #expect(report.verdict.class == "acknowledged event lost")
            #expect(report.verdict.reason?.contains("the method was given up") == true)
        }

        @Test("What a restore takes back on purpose is not lost")
        func takenBack() throws {
            let report = try run(
                """
                given: {topology: TINY, load: 20}
                method:
                  - backup: a
                  - burst: 20
                  - cluster: down
                  - restore: a
                  - cluster: up
                """, expecting: 0)
            #expect(report.load.takenBack == 20 && report.load.acknowledged == 20)
        }

        @Test("A failure that did not show, a condition to stop and a method that goes wrong are no success")
        func inconclusive() throws {
            let unseen = try run(
                "given: {topology: TINY}\nload: 20\nmethod: []\nexpect: {dashboard: {refusedStale: 5..}}",
                expecting: 3)
            #expect(unseen.verdict.reason?.contains("refusedStale of dashboard is 0, expected 5..") == true)
            let stopped = try run(
                "given: {topology: TINY}\nstop-if: {restarts: 0}\nmethod: [{kill: dashboard}, {at: 60s, burst: 1}]",
                expecting: 3)
            #expect(stopped.verdict.reason?.contains("1 restarts, at most 0") == true)
            let wrong = try run("given: {topology: TINY}\nmethod: [{roost: rebuild nothing}]", expecting: 1)
            #expect(wrong.verdict.class == "step failed")
        }

        @Test("Interrupted, a drill rolls back at once and ends with 130")
        func interrupted() throws {
            try withDrill("given: {topology: TINY}\nmethod: [{pause: writer}, {at: 100s, burst: 1}]") { command in
                let running = try command([])
                defer { running.end() }
                try eventually("the writer is paused") {
                    Self.processes().contains { found in
                        let status = FileManager.default.contents(atPath: "/proc/\(found.pid)/stat") ?? Data()
                        return String(decoding: status, as: UTF8.self).contains(") T ")
                    }
                }
                running.interrupt()
                try running.finish(within: .seconds(60)).expecting(130)
            }
        }

        @Test("A drill that explores says its seed, and the same seed does the same again")
        func explores() throws {
            let drill = """
                given: {topology: TINY}
                mode: explore
                explore: {picks: 3, within: 1s, among: [{kill: dashboard}, {restart: writer}, {kill: fulfilment}]}
                load: {commands: 50, rate: 50}
                """
            let first = try run(drill, "--seed", "5", expecting: 0)
            let again = try run(drill, "--seed", "5", expecting: 0)
            #expect(first.steps.count == 3 && first.steps.map(\.words) == again.steps.map(\.words))
        }

        @Test("A step whose command cannot be typed is refused before anything runs, unless that is what it is about")
        func untypable() throws {
            let steps = """
                given: {topology: TINY}
                method:
                  - {roost: prjections}
                  - {rebuild: {projection: dashboard, prov: true}}
                  - {roost: parked shwo order/1, exit: 64}
                """
            try withDrill(steps) { command in
                let errors = try command(["--dry-run"]).finish().expecting(78).errors
                #expect(errors.contains("tried.yaml:6:13: roost prjections: there is no command"), "\(errors)")
                #expect(
                    errors.contains("did you mean 'projections'?") && errors.contains("tried.yaml:7:15: "), "\(errors)")
                #expect(!errors.contains("shwo"), "\(errors)")
            }
        }

        @Test("Every drill that is shipped can be used")
        func shipped() throws {
            try withTemporaryDirectory { directory in
                let names = try FileManager.default.contentsOfDirectory(atPath: Repository.path + "/topology/drills")
                let files = names.filter { $0.hasSuffix(".yaml") }.map { Repository.path + "/topology/drills/" + $0 }
                #expect(files.count >= 16)
                try RunningCommand(
                    [ClusterUnderTest.executable, "drill", "check"] + files,
                    environment: ProcessInfo.processInfo.environment, files: directory
                ).finish().expecting(0)
            }
        }
    }
}
