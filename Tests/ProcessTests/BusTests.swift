import Foundation
import Testing

extension ProcessTests {
    @Suite("Bus", .serialized, .timeLimit(.minutes(3)))
    struct BusTests {
        @Test(
            "Readers that hear nothing, too little or too late converge by reading the log, and their counters say so")
        func repair() throws {
            let topology = try TestTopology.shop(
                environment: [
                    "dashboard": ["ROOST_BUS_DROP": "all"], "analytics": ["ROOST_BUS_RECEIVE_HIGH_WATER": "1"],
                ], sendHighWater: 1)
            try ClusterUnderTest.with(topology) { cluster in
                try cluster.roost("stop", "search").expecting(0)
                let analytics = try #require(try cluster.process("analytics").pid)
                // A reader that does not read: what no queue holds is lost.
                kill(analytics, SIGSTOP)
                var orders = SeededOrders("bus")
                let loaded = orders.next(500)
                try cluster.load(loaded, name: "bus")
                try eventually("stock decremented for the orders") {
                    try LogFold.heads(cluster) >= UInt64(loaded.reduce(0) { $0 + 3 + $1.lines.count })
                }
                kill(analytics, SIGCONT)
                try cluster.roost("start", "search").expecting(0)
                let late = orders.next(50)
                try cluster.load(late, name: "late")
                try cluster.expectNothingLostNothingTwice(loaded + late)
                try expectRepair(cluster)
            }
        }

        private func expectRepair(_ cluster: ClusterUnderTest) throws {
            try cluster.wait("heard nothing and read everything", for: "dashboard") {
                $0.counters["dropped", default: 0] > 0 && $0.counters["eventsFromBus"] == 0
                    && $0.counters["eventsFromLog", default: 0] > 0
            }
            try cluster.wait("filled holes from the log", for: "analytics") {
                $0.counters["gaps", default: 0] > 0 && $0.counters["eventsFromLog", default: 0] > 0
            }
            try cluster.wait("read what it missed", for: "search") {
                $0.counters["eventsFromLog", default: 0] > 0
            }
        }
    }
}
