import Foundation
import Testing

extension ProcessTests {
    @Suite("Parking", .serialized, .timeLimit(.minutes(3)))
    struct ParkingTests {
        @Test(
            "Under load poison events park their streams in one projection, a rebuild alike; mended, nothing is missing"
        )
        func underLoad() throws {
            try withTemporaryDirectory { directory in
                let marker = directory + "/mended"
                let topology = try TestTopology.shop(
                    environment: [
                        "dashboard": ["ROOST_POISON": "order/poison-7:\(marker)"]
                    ])
                try ClusterUnderTest.with(topology) { cluster in
                    let orders = try OrderFlow.loading(cluster).during("poison") {
                        try eventually("an event is parked") { try Self.parked("dashboard", cluster) > 0 }
                        let rebuilt = try cluster.roost("rebuild", "dashboard", "--json").expecting(0)
                        try #require(try rebuilt.document(RebuildReport.self).verdict == "equal")
                        try cluster.waitForNewEvents(50)
                    }
                    try cluster.waitUntilCaughtUp()
                    try cluster.expectBalance()
                    #expect(try Self.parked("dashboard", cluster) > 0 && Self.parked("analytics", cluster) == 0)
                    try cluster.roost("parked", "retry", "--all", "--dry-run").expecting(2)

                    try Data().write(to: URL(fileURLWithPath: marker))
                    try cluster.roost("parked", "retry", "--all").expecting(0)
                    #expect(try Self.parked("dashboard", cluster) == 0)
                    try cluster.expectNothingLostNothingTwice(orders)
                    try cluster.roost("rebuild", "dashboard").expecting(0)
                }
            }
        }

        /// Every look has to balance, whatever is going on.
        private static func parked(_ name: String, _ cluster: ClusterUnderTest) throws -> UInt64 {
            let report = try cluster.roost("projections", "--json").expecting(0).document(ProjectionsReport.self)
            let reader = try #require(report.projections.first { $0.name == name })
            let isBalanced = reader.partitions.allSatisfy(\.balances)
            try #require(isBalanced, "\(reader)")
            return reader.partitions.reduce(0) { $0 + $1.parked }
        }
    }
}
