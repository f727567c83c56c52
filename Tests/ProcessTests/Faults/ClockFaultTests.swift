import Foundation
import Testing

extension ProcessTests {
    @Suite("Faults of clocks", .serialized, .timeLimit(.minutes(3)))
    struct ClockFaultTests {
        @Test(
            "A writer whose clock is ahead executes nothing that has expired for it; one behind keeps time from falling"
        )
        func offsets() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                var source = SeededOrders("clock")
                let first = source.next(10)
                try cluster.load(first, name: "before")
                try cluster.addFault("clock-offset --process stock --offset 10m")
                let send = [
                    "send", "ReceiveStock", #"{"quantity":1}"#, "--to", "stock/late", "--timeout", "2s", "--json",
                ]
                let late = try cluster.begin(send).finish().expecting(1).document(SentReport.self)
                #expect(late.outcome == "unknown" || late.outcome == "unavailable", "\(late)")
                try cluster.wait("discarded what had expired", for: "stock-0") {
                    $0.counters["refused.expired", default: 0] > 0
                }
                // The next run of the process has the same clock.
                try cluster.addFault("restart --process stock")
                _ = try cluster.begin(send).finish().expecting(1)
                try cluster.wait("discarded again", for: "stock-0") { $0.counters["refused.expired", default: 0] > 0 }
                let cleared = try cluster.clearFault()
                #expect(cleared.contains("clock-offset process stock offset 10m"))
                try cluster.addFault("clock-offset --process orders --offset=-10m")
                let second = source.next(10)
                try cluster.load(second, name: "behind")
                // The log checks that recorded times never fall.
                try cluster.expectNothingLostNothingTwice(first + second)
            }
        }
    }
}
