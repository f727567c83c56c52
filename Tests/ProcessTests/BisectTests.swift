import Foundation
import RoostCore
import RoostLog
import RoostLogSQLite
import RoostNode
import Shop
import Testing

extension ProcessTests {
    @Suite("Bisect", .serialized, .timeLimit(.minutes(3)))
    struct BisectTests {
        @Test("A rebuild that differs names the one event that the live projection has missed, and its chain")
        func missed() throws {
            try Self.withDashboard(of: Dashboard.self, named: "missed") { cluster, missed in
                let found = try cluster.roost("rebuild", "dashboard", "--json").expecting(2).document(
                    RebuildReport.self)
                let parting = try #require(found.partings.first)
                #expect(found.partings.count == 1 && parting.cause == "missed")
                #expect(parting.events.map(\.eventID) == [missed.description])
                let order = try #require(found.differences.first { $0.table == "orders" })
                #expect(order.cause == "missed" && order.eventID == missed.description && order.before != order.after)
                let text = try cluster.roost("rebuild", "dashboard").expecting(2).output
                #expect(text.contains("the live one has missed\n    OrderPaid order/"), "\(text)")
                #expect(text.contains("next: roost trace \(missed) --up"), "\(text)")
                let chain = try cluster.roost("trace", missed.description, "--up").expecting(0).output
                #expect(chain.contains("OrderPaid") && chain.contains("OrderPlaced"), "\(chain)")
            }
        }

        @Test("A rebuild that differs because the code has changed says which batch the other code has applied")
        func codeChanged() throws {
            try Self.withDashboard(of: GenerousDashboard.self, named: "code") { cluster, _ in
                let found = try cluster.roost("rebuild", "dashboard", "--json").expecting(2).document(
                    RebuildReport.self)
                let parting = try #require(found.partings.first)
                #expect(found.partings.count == 1 && parting.cause == "codeChanged" && parting.build == "elsewhere")
                #expect(parting.events.count == 1 && parting.events[0].event.hasPrefix("OrderPaid"))
                #expect(!found.differences.isEmpty && found.differences.allSatisfy { $0.cause == "codeChanged" })
            }
        }

        /// The same dashboard, in which every order is paid with more than was paid.
        private enum GenerousDashboard: Projection {
            static let name = Dashboard.name
            static let tables = Dashboard.tables
            static let queries: [ProjectionQuery] = []
            static let routes: [ProjectionRoute] = Dashboard.routes.map { route in
                guard route.type == "OrderPaid" else { return route }
                return .on("OrderPaid") { event, tables in
                    try tables.run(
                        "UPDATE orders SET paid = paid + 4711 WHERE stream = ?", SQLValue(event.stream.description))
                }
            }
        }

        /// A cluster whose dashboard has had a part of the log applied by `projection` in this process, event by event, and but
        /// for one payment where it is the shop's own.
        private static func withDashboard(
            of projection: any Projection.Type, named name: String, _ body: (ClusterUnderTest, EventID) throws -> Void
        ) throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                var random = SeededOrders(name)
                try cluster.load(random.next(20), name: "\(name)-1")
                try cluster.waitUntilCaughtUp()
                try cluster.roost("stop", "dashboard").expecting(0)
                try cluster.load(random.next(10), name: "\(name)-2")
                let log = try SQLiteLog.open(at: cluster.directory + "/log")
                let missed = try apply(projection, log, cluster)
                try cluster.roost("start", "dashboard").expecting(0)
                try cluster.load(random.next(10), name: "\(name)-3")
                try cluster.waitUntilAtHeads()
                try body(cluster, try #require(missed))
                try cluster.roost("rebuild", "dashboard", "--swap", "--accept-diff").expecting(0)
                try cluster.wait("ready", for: "dashboard") { $0.ready }
                try cluster.roost("rebuild", "dashboard").expecting(0)
            }
        }

        private static func apply(
            _ projection: any Projection.Type, _ log: SQLiteLog, _ cluster: ClusterUnderTest
        ) throws -> EventID? {
            let files = ProjectionFiles(directory: cluster.directory + "/projections/dashboard")
            let store = try ProjectionStore(
                projection, path: try files.currentPath(), logID: log.identity.id, codec: .json, build: "elsewhere")
            var missed: EventID?
            for partition in log.identity.placement.partitions {
                let reader = try log.reader(partition)
                for event in try reader.events(after: store.progress(partition).position, limit: 10_000) {
                    try store.transaction {
                        if event.type == "OrderPaid", missed == nil, projection == Dashboard.self {
                            missed = event.eventID
                            store.miss(event, of: partition)
                        } else {
                            try store.apply(CollectionOfOne(event), of: partition)
                        }
                        store.prove(partition, digest: try reader.commit(holding: event.position)?.digest ?? [])
                    }
                    if event.type == "OrderPaid" { missed = missed ?? event.eventID }
                }
            }
            try store.close()
            return missed
        }
    }
}
