import Foundation
import RoostNode
import Testing

extension ProcessTests {
    @Suite("Timers", .serialized, .timeLimit(.minutes(3)))
    struct TimerTests {
        private struct Timers: Document {
            struct Timer: Decodable, Sendable {
                let stream: String
                let timer: String
                let command: String
                let correlationID: String
            }

            static let schemaName = "roost.timers/1"
            let schema: String
            let count: Int
            let timers: [Timer]
        }

        private static let order = """
            {"address":{"country":"France"},"payLater":true,"lines":[{"sku":"A","quantity":1,"unitPrice":100}]}
            """
        /// The reactor's clock is half an hour and a minute ahead.
        private static let later = ["ROOST_CLOCK_OFFSET_SECONDS": "1860"]

        private static func timers(_ cluster: ClusterUnderTest) throws -> Timers {
            try cluster.roost("timers", "--json").expecting(0).document(Timers.self)
        }

        private static func topology(
            of cluster: ClusterUnderTest, reactor environment: [String: String]
        ) throws {
            let text = try TestTopology.shop(environment: ["fulfilment": environment]).text
            try Data(text.utf8).write(to: URL(fileURLWithPath: cluster.topologyFile))
        }

        /// Two orders to be paid later, of which one is paid, and a stop.
        private static func place(_ cluster: ClusterUnderTest) throws -> Timers.Timer {
            for number in 1...2 {
                try cluster.roost("send", "PlaceOrder", order, "--to", "order/\(number)").expecting(0)
            }
            try cluster.waitUntilCaughtUp()
            #expect(try timers(cluster).timers.map(\.stream) == ["order/1", "order/2"])
            try cluster.roost("send", "PayOrder", #"{"amount":100}"#, "--to", "order/2").expecting(0)
            try cluster.waitUntilCaughtUp()
            let pending = try timers(cluster)
            #expect(pending.count == 1 && pending.timers.map(\.stream) == ["order/1"])
            let text = try cluster.roost("timers").expecting(0).output
            #expect(text.contains("29m") && text.contains("ExpireOrder"), "\(text)")
            try cluster.down()
            return try #require(pending.timers.first)
        }

        private static func expectOneCancellation(_ timer: Timers.Timer, _ cluster: ClusterUnderTest) throws {
            try cluster.waitUntilCaughtUp()
            #expect(try timers(cluster).count == 0)
            let history = try cluster.roost("history", "order/1", "--field", "status").expecting(0).output
            #expect(history.contains("placed → cancelled") && history.contains("because of OrderPlaced"), "\(history)")
            let fold = try LogFold(cluster)
            #expect(fold.types["OrderCancelled"] == 1 && fold.types["OrderShipped"] == 1, "\(fold.types)")
            // Whoever paid began a chain of their own.
            #expect(fold.withoutCause.count == 1 && fold.torn == ["order/2"], "\(fold.torn)")
            let trace = try cluster.roost("trace", timer.correlationID).expecting(0).output
            #expect(trace.contains("OrderCancelled") && trace.contains("via fulfilment"), "\(trace)")
            #expect(try cluster.trace(timer.correlationID).isWhole)
            try cluster.roost("contracts", "check").expecting(0)
            try cluster.expectBalance()
        }

        @Test("An unpaid order is cancelled once, by a timer that outlived the cluster")
        func outlives() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                let timer = try Self.place(cluster)
                try Self.topology(of: cluster, reactor: Self.later)
                try cluster.up()
                try Self.expectOneCancellation(timer, cluster)
            }
        }

        @Test(
            "Killed when a timer is due, the reactor carries it out once all the same",
            arguments: [Failpoint.beforeTimerCommand, .afterTimerCommand])
        func killed(at failpoint: Failpoint) throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                let timer = try Self.place(cluster)
                let marker = cluster.files + "/reached"
                let environment = ["ROOST_FAILPOINT": "\(failpoint.rawValue)@1:\(marker)"]
                try Self.topology(of: cluster, reactor: environment.merging(Self.later) { $1 })
                try cluster.up()
                try cluster.wait("is back", for: "fulfilment") { $0.restarts == 1 && $0.ready }
                #expect(FileManager.default.fileExists(atPath: marker))
                try Self.expectOneCancellation(timer, cluster)
            }
        }

        @Test("A timer that was pending when the log was backed up is pending after a restore")
        func restored() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                try cluster.roost("send", "PlaceOrder", Self.order, "--to", "order/1").expecting(0)
                try cluster.waitUntilCaughtUp()
                let backup = cluster.files + "/backup"
                try cluster.roost("log", "backup", backup).expecting(0)
                try cluster.roost("send", "PayOrder", #"{"amount":100}"#, "--to", "order/1").expecting(0)
                try cluster.waitUntilCaughtUp()
                #expect(try Self.timers(cluster).count == 0)
                try cluster.down()
                try cluster.roost("log", "restore", backup, "--yes").expecting(0)
                #expect(try Self.timers(cluster).timers.map(\.stream) == ["order/1"])
                try Self.topology(of: cluster, reactor: Self.later)
                try cluster.up()
                try cluster.waitUntilCaughtUp()
                let state = try cluster.roost("state", "order/1").expecting(0).output
                #expect(state.contains("cancelled"), "\(state)")
            }
        }
    }
}
