import Foundation
import GRDB
import RoostNode
import Testing

extension ProcessTests {
    @Suite("Law 5", .serialized, .timeLimit(.minutes(3)))
    struct BalanceTests {
        @Test("Case 12: Live and caught up is only who accounts for every event of the log")
        func unaccountedEvent() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                var source = SeededOrders("law")
                let orders = source.next(10)
                try cluster.load(orders, name: "law")
                try cluster.waitUntilCaughtUp()
                #expect(try Self.states(cluster).allSatisfy { $0.value == "live" })

                // It stands at the heads and is one event short, as if one had been skipped in silence.
                try Self.edit("applied = applied - 1", cluster)
                let refused = try cluster.roost("wait", "--for", "caught-up", "--timeout", "2s").expecting(3)
                #expect(refused.errors.contains("dashboard does not balance in partition 6"), "\(refused.errors)")
                #expect(refused.errors.contains("next: roost rebuild dashboard"), "\(refused.errors)")
                let states = try Self.states(cluster)
                #expect(states["dashboard"] == "unbalanced", "\(states)")
                #expect(states.filter { $0.key != "dashboard" }.allSatisfy { $0.value == "live" }, "\(states)")
                let text = try cluster.roost("projections").expecting(0).output
                #expect(text.contains("WRONG"), "\(text)")

                try Self.edit("applied = applied + 1", cluster)
                try cluster.expectNothingLostNothingTwice(orders)
                #expect(try Self.states(cluster).allSatisfy { $0.value == "live" })
            }
        }

        private static func states(_ cluster: ClusterUnderTest) throws -> [String: String] {
            let report = try cluster.roost("projections", "--json").expecting(0).document(ProjectionsReport.self)
            return Dictionary(uniqueKeysWithValues: report.projections.map { ($0.name, $0.state) })
        }

        /// Changes what the dashboard counted in a partition of the stock, while it is stopped.
        private static func edit(_ change: String, _ cluster: ClusterUnderTest) throws {
            try cluster.roost("stop", "dashboard").expecting(0)
            let files = ProjectionFiles(directory: cluster.directory + "/projections/dashboard")
            let queue = try DatabaseQueue(path: try files.currentPath())
            try queue.write { database in
                try database.execute(sql: "UPDATE roost_progress SET \(change) WHERE partition = 6 AND applied > 0")
                try #require(database.changesCount == 1)
            }
            try queue.close()
            try cluster.roost("start", "dashboard").expecting(0)
        }
    }
}
