import Foundation
import Testing

extension ProcessTests {
    @Suite("Faults of messages", .serialized, .timeLimit(.minutes(3)))
    struct MessageFaultTests {
        private static let readers = ["dashboard", "analytics", "search", "fulfilment"]

        @Test("Case 10: A cluster whose bus drops every message converges all the same, by reading the log")
        func dropAll() throws {
            try withFaults { cluster in
                try cluster.addFault("drop --link bus")
                let before = try Self.eventsFromBus(cluster)
                let orders = try OrderFlow.loading(cluster).during("drop") { try cluster.waitForNewEvents(300) }
                try cluster.expectNothingLostNothingTwice(orders)
                #expect(try Self.eventsFromBus(cluster) == before)
                try cluster.wait(forEffect: "dropped", atLeast: 100)
                let cleared = try cluster.clearFault(1)
                #expect(cleared.contains("cleared 1: drop link bus (dropped "), "\(cleared)")
                var source = SeededOrders("heard")
                let heard = source.next(40)
                try cluster.load(heard, name: "heard")
                try cluster.expectNothingLostNothingTwice(orders + heard)
                try eventually("events are heard again") { try Self.eventsFromBus(cluster) != before }
            }
        }

        @Test(
            "Case 10: Subscribers that join late, are slow, reconnect or hear nothing repair their holes from the log")
        func holes() throws {
            try withFaults(sendHighWater: 1) { cluster in
                try cluster.roost("stop", "search").expecting(0)
                try cluster.addFault("pause --process analytics")
                try cluster.addFault("drop --link bus --to dashboard")
                let orders = try OrderFlow.loading(cluster).during("holes") {
                    try cluster.waitForNewEvents(200)
                    let proxy = try #require(try cluster.process("_proxy").pid)
                    try #require(kill(proxy, SIGKILL) == 0)
                    try cluster.wait("back", for: "_proxy") { $0.ready && $0.restarts == 1 }
                    try cluster.waitForNewEvents(200)
                    try cluster.clearFault(1)
                    try cluster.roost("start", "search").expecting(0)
                    try cluster.waitForNewEvents(100)
                }
                try cluster.expectNothingLostNothingTwice(orders)
                for name in ["dashboard", "analytics", "search", "fulfilment"] {
                    try cluster.wait("read what it had not heard", for: name) {
                        $0.counters["eventsFromLog", default: 0] > 0
                    }
                }
                try cluster.wait("heard nothing", for: "dashboard") { $0.counters["eventsFromBus"] == 0 }
            }
        }

        @Test("Corrupt messages change no state and are counted by reason at every reader that got them")
        func corrupt() throws {
            try withFaults { cluster in
                try cluster.addFault("corrupt --link bus --rate 50% --seed 3")
                let orders = try OrderFlow.loading(cluster).during("corrupt") {
                    for name in Self.readers {
                        try cluster.wait("refused corrupt messages", for: name) {
                            $0.counters["refused.badChecksum", default: 0] > 3
                        }
                    }
                }
                try cluster.expectNothingLostNothingTwice(orders)
                try cluster.wait(forEffect: "corrupted", atLeast: 20)
                #expect(try cluster.ps().restarts.values.allSatisfy { $0 == 0 })
            }
        }

        @Test("Messages that come twice, in another order and late are applied once and in order")
        func duplicateReorderDelay() throws {
            try withFaults { cluster in
                try cluster.addFault("duplicate --from orders --to dashboard")
                try cluster.addFault("reorder --link bus --rate 40% --seed 8")
                try cluster.addFault("delay --from stock --to search --by 80ms --jitter 60ms")
                let orders = try OrderFlow.loading(cluster).during("mixed") {
                    try cluster.wait(forEffect: "duplicated", atLeast: 10, of: 1)
                    try cluster.wait(forEffect: "reordered", atLeast: 10, of: 2)
                    try cluster.wait(forEffect: "delayed", atLeast: 10, of: 3)
                }
                try cluster.expectNothingLostNothingTwice(orders)
            }
        }

        @Test("Commands and answers that are lost are sent again with the same ID, and nothing is done twice")
        func commandsAndAnswers() throws {
            try withFaults { cluster in
                try cluster.addFault("drop-first --from fulfilment --to orders-0 --link commands --count 1")
                try cluster.addFault("drop-first --from stock --to fulfilment --link commands --count 1")
                try cluster.addFault("duplicate --from command-line --to orders")
                var source = SeededOrders("commands")
                let orders = source.next(60)
                try cluster.load(orders, name: "commands")
                try cluster.wait(forEffect: "dropped", atLeast: 1, of: 1)
                try cluster.wait(forEffect: "dropped", atLeast: 1, of: 2)
                try cluster.wait(forEffect: "duplicated", atLeast: 1, of: 3)
                try cluster.expectNothingLostNothingTwice(orders)
            }
        }

        @Test("Through a cut link nothing passes; who is cut off is told so, and goes on when the cut is cleared")
        func cut() throws {
            try withFaults { cluster in
                try cluster.addFault("cut --from orders --to dashboard")
                try cluster.addFault("cut --from command-line --to stock --both")
                let send = [
                    "send", "ReceiveStock", #"{"quantity":7}"#, "--to", "stock/cut", "--command-id", "cut-1", "--json",
                ]
                let refused = try cluster.begin(send + ["--timeout", "2s"]).finish().expecting(1)
                let answer = try refused.document(SentReport.self)
                #expect(["unavailable", "unknown"].contains(answer.outcome), "\(answer)")
                var source = SeededOrders("cut")
                let orders = source.next(60)
                try cluster.load(orders, name: "cut")
                try cluster.expectNothingLostNothingTwice(orders)
                try cluster.clearFault()
                try cluster.begin(send).finish().expecting(0)
                try cluster.begin(send).finish().expecting(0)
                let levels = try LogFold(cluster).levels
                #expect(levels["cut"] == 7, "\(levels)")
            }
        }

        @Test("Over tcp messages can be cut and late, and the proxy's end costs a new connection and no fault")
        func encrypted() throws {
            try withFaults(transport: "tcp") { cluster in
                let refused = try cluster.roost("fault", "add", "drop", "--from", "orders").expecting(64).errors
                #expect(refused.contains("transport: ipc"), "\(refused)")
                try cluster.addFault("delay --from orders --to dashboard --by 30ms")
                try cluster.addFault("cut --from stock --to search")
                let orders = try OrderFlow.loading(cluster).during("tcp") {
                    try cluster.wait(forEffect: "delayed", atLeast: 5, of: 1)
                    let proxy = try #require(try cluster.process("_proxy").pid)
                    try #require(kill(proxy, SIGKILL) == 0)
                    try cluster.wait("back", for: "_proxy") { $0.ready && $0.restarts == 1 }
                    try cluster.wait("its links are back", for: "_proxy") {
                        $0.counters["connections", default: 0] > 10
                    }
                    try cluster.wait(forEffect: "connections", atLeast: 1, of: 2)
                }
                try cluster.expectNothingLostNothingTwice(orders)
                try cluster.clearFault()
            }
        }

        private static func eventsFromBus(_ cluster: ClusterUnderTest) throws -> [Int64] {
            let processes = try cluster.ps().processes
            return readers.map { name in
                processes.first { $0.name == name }?.counters["eventsFromBus", default: 0] ?? -1
            }
        }

        private func withFaults(
            transport: String = "ipc", sendHighWater: Int = 10_000, _ body: (ClusterUnderTest) throws -> Void
        ) throws {
            let topology = try TestTopology.shop(sendHighWater: sendHighWater, transport: transport)
            try ClusterUnderTest.with(topology, allowsFaults: true, body)
        }
    }
}
