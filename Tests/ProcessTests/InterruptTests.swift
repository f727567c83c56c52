import Foundation
import Testing

extension ProcessTests {
    @Suite("Interrupted commands", .serialized, .timeLimit(.minutes(2)))
    struct InterruptTests {
        @Test("An interrupted rebuild ends with 130, leaves no process behind, and the next one is equal")
        func rebuild() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                var random = SeededOrders("interrupted")
                try cluster.load(random.next(40), name: "interrupted")
                try cluster.waitUntilCaughtUp()
                // Without it the rebuild waits for its events.
                try cluster.roost("stop", "replay").expecting(0)
                let running = try cluster.begin(["rebuild", "search"])
                defer { running.end() }
                try eventually("the rebuild runs") { try isRebuilding("search", cluster) }
                running.interrupt()
                try running.finish().expecting(130)
                try eventually("the rebuild is gone") { try !isRebuilding("search", cluster) }
                try cluster.roost("start", "replay").expecting(0)
                let report = try cluster.roost("rebuild", "search", "--json").expecting(0).document(RebuildReport.self)
                #expect(report.verdict == "equal" && report.events > 0)
            }
        }

        @Test("A rebuild that is held to a rate ends in order after its batch, and the next one goes on there")
        func heldUp() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                var random = SeededOrders("held-up")
                try cluster.load(random.next(40), name: "held-up")
                try cluster.waitUntilCaughtUp()
                let running = try cluster.begin(["rebuild", "dashboard", "--rate", "20"])
                defer { running.end() }
                try eventually("it has begun") {
                    let process = try cluster.ps().processes.first { $0.name == "dashboard@rebuild" }
                    return (process?.counters["done"] ?? 0) > 0
                }
                running.interrupt()
                try running.finish().expecting(130)
                try eventually("the rebuild is gone") { try !isRebuilding("dashboard", cluster) }
                let log = try String(
                    contentsOfFile: "\(cluster.directory)/logs/dashboard@rebuild.log", encoding: .utf8)
                #expect(log.contains("stopped"), "\(log)")
                let reached = try cluster.position(of: "dashboard", generation: 2)
                #expect(try reached > 0 && reached < LogFold.heads(cluster))
                try cluster.roost("rebuild", "dashboard", "--dry-run").expecting(0)
                #expect(try cluster.rebuild("dashboard").predicted == nil, "it has gone on with what was there")
            }
        }

        @Test("A process that is told to end by somebody else than its supervisor starts again")
        func terminated() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                for name in ["search", "gateway", "orders-0"] {
                    try cluster.roost("kill", name, "--signal", "TERM").expecting(0)
                    try cluster.wait("is back", for: name) { $0.ready && $0.restarts == 1 }
                }
            }
        }

        private func isRebuilding(_ name: String, _ cluster: ClusterUnderTest) throws -> Bool {
            try cluster.ps().processes.contains { $0.name == "\(name)@rebuild" && $0.pid != nil }
        }

        @Test("A cluster in the foreground stops in order when interrupted: 130, and its gateway keeps its port")
        func foreground() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                let gateway = try cluster.process("gateway").endpoints
                try cluster.down()
                let running = try cluster.begin(["up", cluster.topologyFile])
                defer { running.end() }
                try eventually("the cluster is there") {
                    try cluster.roost("wait", "--for", "ready", "--timeout", "30s").exitCode == 0
                }
                running.interrupt()
                try running.finish().expecting(130)
                #expect(cluster.processes().isEmpty)
                try cluster.up()
                #expect(try cluster.process("gateway").endpoints == gateway && gateway.count == 1)
            }
        }
    }
}
