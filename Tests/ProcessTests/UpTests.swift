import Foundation
import Testing

extension ProcessTests {
    @Suite("One command", .serialized, .timeLimit(.minutes(3)))
    struct UpTests {
        @Test("Case 20: One command starts the cluster, without keys or containers, and one kills a process of it")
        func upAndKill() throws {
            try ClusterUnderTest.with(.shop(), isStarted: false) { cluster in
                // Nothing but the executable: no other program can be found, nothing was prepared.
                let bare = ["ROOST_HOME": cluster.home, "PATH": "/nowhere", "NO_COLOR": "1"]
                func roost(_ words: String...) throws -> CommandResult {
                    try RunningCommand(
                        [ClusterUnderTest.executable] + words, environment: bare, files: cluster.files
                    ).finish()
                }
                try #require(!FileManager.default.fileExists(atPath: cluster.home))
                try roost("up", cluster.topologyFile, "-d", "--wait").expecting(0)
                let processes = try cluster.ps().processes
                #expect(processes.map(\.name).sorted() == Self.names && processes.allSatisfy(\.ready))
                let found = cluster.processes()
                #expect(Set(processes.compactMap(\.pid)).isSubset(of: found.map(\.pid)))
                #expect(!FileManager.default.fileExists(atPath: cluster.directory + "/keys"))

                for process in processes {
                    let killed = try roost("kill", process.name).expecting(0).output
                    #expect(killed.contains("sent signal 9 to \(process.name)"), "\(killed)")
                    let back = try cluster.wait("was killed and is back", for: process.name) {
                        $0.restarts == 1 && $0.ready
                    }
                    #expect(back.lastExit?.signal == SIGKILL && back.pid != process.pid, "\(back)")
                }
                let unknown = try roost("kill", "dashbord").expecting(4).errors
                #expect(unknown.contains("dashboard") && unknown.contains("roost ps"), "\(unknown)")

                var source = SeededOrders("bare")
                let orders = source.next(10)
                try roost("load", try cluster.write(orders, to: "bare")).expecting(0)
                try cluster.expectNothingLostNothingTwice(orders)
                #expect(try cluster.ps().processes.allSatisfy { $0.restarts == 1 })
                try roost("down").expecting(0)
                #expect(cluster.processes().isEmpty)
            }
        }

        private static let names = [
            "analytics", "dashboard", "fulfilment", "gateway", "orders-0", "orders-1", "partners", "replay", "search",
            "stock-0", "traces",
        ]
    }
}
