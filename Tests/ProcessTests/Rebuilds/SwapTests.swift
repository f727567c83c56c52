import Foundation
import RoostNode
import Testing

extension ProcessTests {
    @Suite("Swaps that are interrupted", .serialized, .timeLimit(.minutes(3)))
    struct SwapTests {
        @Test(
            "A projection that dies while it goes over ends that when it starts again, and the one who asked waits for it",
            arguments: [Failpoint.beforeSwap, .afterSwap])
        func dies(_ failpoint: Failpoint) throws {
            try swapping("\(failpoint.rawValue)@1") { cluster, orders, _ in
                #expect(try cluster.rebuild("dashboard", "--swap").swapped)
                #expect(try cluster.process("dashboard").restarts == 1)
                #expect(try cluster.generation(of: "dashboard") == 2)
                try cluster.expectNothingLostNothingTwice(orders)
            }
        }

        @Test(
            "Once a projection goes over nothing takes that back: not Ctrl-C, and not its end, after which it is pending",
            arguments: [(Failpoint.beforeSwap, 1), (.afterSwap, 2)])
        func pending(_ failpoint: Failpoint, _ generation: Int) throws {
            try swapping("\(failpoint.rawValue)@1.stop") { cluster, orders, marker in
                let asking = try cluster.begin(["rebuild", "dashboard", "--swap"])
                defer { asking.end() }
                try eventually("it goes over") { FileManager.default.fileExists(atPath: marker) }
                #expect(try cluster.generation(of: "dashboard") == generation)
                asking.interrupt()
                // Many of its looks long.
                usleep(500_000)
                #expect(asking.isRunning)
                try cluster.roost("stop", "dashboard").expecting(0)
                let errors = try asking.finish().expecting(3).errors
                #expect(errors.contains("dashboard goes over to generation 2 when it starts"), "\(errors)")
                #expect(errors.contains("next: roost start dashboard"), "\(errors)")
                let former = cluster.directory + "/projections/dashboard/1.db"
                #expect(FileManager.default.fileExists(atPath: former))
                try cluster.roost("start", "dashboard").expecting(0)
                #expect(try cluster.generation(of: "dashboard") == 2 && !FileManager.default.fileExists(atPath: former))
                try cluster.expectNothingLostNothingTwice(orders)
            }
        }

        /// Runs `body` with orders in the log of a cluster whose dashboard has a failpoint.
        private func swapping(
            _ failpoint: String,
            _ body: (_ cluster: ClusterUnderTest, _ orders: [TestOrder], _ marker: String) throws -> Void
        ) throws {
            try withTemporaryDirectory { directory in
                let marker = directory + "/reached"
                let environment = ["ROOST_FAILPOINT": "\(failpoint):\(marker)"]
                try ClusterUnderTest.with(.tiny(environment: ["dashboard": environment])) { cluster in
                    var source = SeededOrders("swap")
                    let orders = source.next(20)
                    try cluster.load(orders, name: "swap")
                    try cluster.waitUntilCaughtUp()
                    try body(cluster, orders, marker)
                }
            }
        }
    }
}
