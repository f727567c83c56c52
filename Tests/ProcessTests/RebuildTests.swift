import Foundation
import Testing

extension ProcessTests {
    @Suite("Rebuild", .serialized, .timeLimit(.minutes(3)))
    struct RebuildTests {
        @Test("A rebuild under load equals the live projection, twice in a row, and the swapped one goes on")
        func underLoad() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                let orders = try OrderFlow.loading(cluster).during("rebuild") {
                    try cluster.waitForNewEvents(200)
                    for _ in 1...2 { try #require(try rebuild("search", cluster).events > 0) }
                    try rebuild("search", swap: true, cluster)
                    try rebuild("dashboard", swap: true, cluster)
                    try cluster.waitForNewEvents(50)
                    try rebuild("search", cluster)
                }
                try cluster.expectNothingLostNothingTwice(orders)
                try cluster.wait("ready", for: "search") { $0.ready }
            }
        }

        @Test("A rebuild of a projection that has seen nothing is equal")
        func emptyLog() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                #expect(try rebuild("search", cluster).events == 0)
                try rebuild("search", swap: true, cluster)
                try cluster.expectNothingLostNothingTwice([])
            }
        }

        @Test("A rebuild of what does not exist is refused with the names that do")
        func unknownProjection() throws {
            try ClusterUnderTest.with(.tiny()) { cluster in
                let refused = try cluster.roost("rebuild", "dashbord")
                #expect(refused.exitCode == 4)
                #expect(refused.errors.contains("dashboard"))
            }
        }

        @discardableResult
        private func rebuild(_ name: String, swap: Bool = false, _ cluster: ClusterUnderTest) throws -> RebuildReport {
            let words = ["rebuild", name, "--json"] + (swap ? ["--swap"] : [])
            let report = try cluster.begin(words).finish().expecting(0).document(RebuildReport.self)
            try #require(report.verdict == "equal" && !report.root.isEmpty)
            return report
        }
    }
}
