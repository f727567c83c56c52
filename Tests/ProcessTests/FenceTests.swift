import Foundation
import RoostCore
import RoostLog
import RoostLogSQLite
import Testing

extension ProcessTests {
    @Suite("Ownership", .serialized, .timeLimit(.minutes(3)))
    struct FenceTests {
        @Test("Case 16: Of two writers of a partition one alone handles commands; the other refuses them and says why")
        func olderIsFenced() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                let orders = try Self.orders(of: cluster)
                try Self.insist(orders[0], cluster)
                let twice = try cluster.roost("up", cluster.topologyFile, "-d").expecting(5)
                #expect(twice.errors.contains("runs already"), "\(twice.errors)")
                let (second, life) = try Self.startSecond(cluster)
                defer {
                    close(life)
                    second.end()
                }
                // The gateway is still connected to the older process: that one sends it on.
                for order in orders[1...5] { try Self.insist(order, cluster) }
                let older = try cluster.wait("refused", for: "orders-0") { $0.state == "failed" }
                #expect(older.lastExit?.code == 70, "\(older)")
                #expect(older.lastExit?.reason.contains("epoch 2") == true, "\(older)")
                // Whatever came after the second claim was handled by the second process alone.
                #expect(try Self.epochs(of: orders[0], cluster) == [1])
                for order in orders[1...5] { #expect(try Self.epochs(of: order, cluster) == [2]) }
                try cluster.expectNothingLostNothingTwice(Array(orders[...5]))
                try Self.handBack(cluster, second)
                for order in orders[6...8] { try Self.insist(order, cluster) }
                try cluster.expectNothingLostNothingTwice(Array(orders[...8]))
            }
        }

        @Test("The same command ID has the same answer after a restart, and other content is refused")
        func commandIDs() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                var random = SeededOrders("same")
                let (order, other) = (random.next(), random.next())
                let before = try Self.send(order.data, to: order, cluster).expecting(0)
                    .document(SentReport.self)
                try cluster.waitUntilCaughtUp()
                for name in ["orders-0", "orders-1"] {
                    let pid = try #require(try cluster.process(name).pid)
                    kill(pid, SIGKILL)
                    try cluster.wait("started again", for: name) { $0.ready && $0.restarts == 1 }
                }
                let after = try Self.send(order.data, to: order, cluster).expecting(0).document(SentReport.self)
                #expect(after == before)
                let reused = try Self.send(other.data, to: order, cluster).expecting(2).document(SentReport.self)
                #expect(reused.outcome == "rejected" && reused.code == "commandIDReused" && reused.next != nil)
                try cluster.expectNothingLostNothingTwice([order])
            }
        }

        /// The epochs under which the events of an order were stored.
        private static func epochs(of order: TestOrder, _ cluster: ClusterUnderTest) throws -> Set<UInt64> {
            try cluster.waitUntilCaughtUp()
            let log = try SQLiteLog.open(at: cluster.directory + "/log")
            let stream = try StreamName(order.stream)
            let partition = try #require(log.identity.placement.partition(of: stream))
            let events = try log.reader(partition).events(of: stream, from: StreamVersion(1), limit: 10)
            return Set(events.map(\.epoch.rawValue))
        }

        private static func send(
            _ data: String, to order: TestOrder, _ cluster: ClusterUnderTest
        ) throws -> CommandResult {
            try cluster.roost(
                "send", "PlaceOrder", data, "--to", order.stream, "--command-id", order.commandID, "--json")
        }

        /// Orders that lie on the partitions of `orders-0`.
        private static func orders(of cluster: ClusterUnderTest) throws -> [TestOrder] {
            let log = try SQLiteLog.open(at: cluster.directory + "/log")
            var all = SeededOrders("fence")
            return try all.next(100).filter {
                guard let partition = log.identity.placement.partition(of: try StreamName($0.stream)) else {
                    return false
                }
                return partition.rawValue <= 2
            }
        }

        /// The same process once more: it thinks that the cluster lives elsewhere, but the log is the same. Returns when
        /// it has claimed the partitions.
        private static func startSecond(_ cluster: ClusterUnderTest) throws -> (RunningCommand, life: Int32) {
            let files = FileManager.default
            let other = "\(cluster.files)/other/shop"
            try files.createDirectory(atPath: other + "/run", withIntermediateDirectories: true)
            try files.copyItem(atPath: cluster.directory + "/topology.yaml", toPath: other + "/topology.yaml")
            for name in ["log", "vault"] {
                try files.createSymbolicLink(
                    atPath: "\(other)/\(name)", withDestinationPath: "\(cluster.directory)/\(name)")
            }
            var ends: [Int32] = [-1, -1]
            try #require(pipe(&ends) == 0)
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            let process = try cluster.begin(["_process", "orders-0", "--directory", other], input: ends[0])
            close(ends[0])
            let order = Array(#"{"own":{"partitions":[0,1,2],"number":1}}"#.utf8) + [UInt8(ascii: "\n")]
            try #require(write(ends[1], order, order.count) == order.count)
            let log = try SQLiteLog.open(at: cluster.directory + "/log")
            try eventually("a second epoch of partitions 0 to 2") {
                try (0...2).allSatisfy { try log.reader(PartitionID($0)).claims().count == 2 }
            }
            return (process, ends[1])
        }

        /// The second process ends, and the supervisor's own takes over again.
        private static func handBack(_ cluster: ClusterUnderTest, _ second: RunningCommand) throws {
            try #require(kill(second.processID, SIGTERM) == 0)
            _ = try second.finish()
            try cluster.roost("start", "orders-0").expecting(0)
            try cluster.wait("owner again", for: "orders-0") { $0.ready }
        }

        /// Sends an order over HTTP with the same key until it is accepted.
        private static func insist(_ order: TestOrder, _ cluster: ClusterUnderTest) throws {
            try eventually("\(order.stream) accepted") {
                try GatewayClient(cluster: cluster).post(order.body, key: order.commandID).status == 200
            }
        }
    }
}
