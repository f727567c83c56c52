import Foundation
import Testing

extension ProcessTests {
    @Suite("Faults of disks", .serialized, .timeLimit(.minutes(3)))
    struct DiskFaultTests {
        @Test("On a full disk a writer refuses commands and stays up, a projection waits; with room both go on")
        func full() throws {
            try withFaults { cluster in
                let orders = try OrderFlow.loading(cluster).during("full") {
                    try cluster.waitForNewEvents(30)
                    try cluster.addFault("full-disk --process stock")
                    try cluster.addFault("full-disk --process dashboard")
                    try cluster.wait(forEffect: "refusedWrites", atLeast: 3, of: 1)
                    try cluster.wait(forEffect: "refusedWrites", atLeast: 1, of: 2)
                    let sent = try cluster.roost(
                        "send", "ReceiveStock", #"{"quantity":1}"#, "--to", "stock/refused", "--timeout", "2s", "--json"
                    )
                    let report = try sent.expecting(1).document(SentReport.self)
                    #expect(["unavailable", "unknown"].contains(report.outcome) && report.next != nil, "\(report)")
                    let cleared = try cluster.clearFault()
                    #expect(cleared.contains("cleared 1: full-disk process stock (refusedWrites "), "\(cleared)")
                    try cluster.waitForNewEvents(30)
                }
                try cluster.expectNothingLostNothingTwice(orders)
                #expect(try cluster.ps().restarts.values.allSatisfy { $0 == 0 })
            }
        }

        @Test("A failing sync ends its writer, which serves nothing until it is cleared and loses nothing acknowledged")
        func failingSync() throws {
            try withFaults { cluster in
                let orders = try OrderFlow.loading(cluster).during("sync") {
                    try cluster.waitForNewEvents(30)
                    try cluster.addFault("failing-sync --process orders-0")
                    let ended = try cluster.wait("ended", for: "orders-0") { $0.restarts >= 1 }
                    #expect(ended.lastExit?.code == 1, "\(ended)")
                    // It survives the restart of its target: the second run cannot claim anything.
                    let before = try cluster.faults().first?.effects["failedSyncs"] ?? 0
                    try cluster.wait(forEffect: "failedSyncs", atLeast: before + 3)
                    #expect(try !cluster.process("orders-0").ready)
                    try cluster.clearFault(1)
                    try cluster.wait("ready", for: "orders-0") { $0.ready }
                }
                try cluster.expectNothingLostNothingTwice(orders)
            }
        }

        @Test("Writes that were not synced are gone when their writer is killed, and nothing acknowledged is lost")
        func lostWrites() throws {
            try withFaults { cluster in
                let orders = try OrderFlow.loading(cluster).during("lost") {
                    for name in ["orders", "stock"] { try cluster.addFault("lost-writes --process \(name)") }
                    for round in 1...3 {
                        try cluster.waitForNewEvents(40)
                        for name in ["orders", "stock"] { try cluster.addFault("kill --process \(name)") }
                        for name in ["orders-0", "orders-1", "stock-0"] {
                            try cluster.wait("back", for: name) { $0.ready && $0.restarts == round }
                        }
                    }
                    try cluster.wait(forEffect: "heldWrites", atLeast: 100)
                }
                try cluster.expectNothingLostNothingTwice(orders)
                let cleared = try cluster.clearFault()
                #expect(cleared.contains("cleared 2: lost-writes process stock (heldWrites "), "\(cleared)")
                var source = SeededOrders("after")
                let after = source.next(20)
                try cluster.load(after, name: "after")
                try cluster.expectNothingLostNothingTwice(orders + after)
            }
        }

        @Test("Behind a slow disk a projection is late and a writer answers late, and both are right in the end")
        func slow() throws {
            try withFaults { cluster in
                try cluster.addFault("slow-disk --process search --by 30ms --jitter 10ms --seed 4")
                try cluster.addFault("slow-disk --process orders-1 --by 5ms")
                var source = SeededOrders("slow")
                let orders = source.next(60)
                try cluster.load(orders, name: "slow")
                try cluster.wait(forEffect: "delayedCalls", atLeast: 10, of: 1)
                try cluster.wait(forEffect: "delayedCalls", atLeast: 10, of: 2)
                try cluster.clearFault()
                try cluster.expectNothingLostNothingTwice(orders)
            }
        }

        private func withFaults(_ body: (ClusterUnderTest) throws -> Void) throws {
            try ClusterUnderTest.with(.shop(), allowsFaults: true, body)
        }
    }
}
