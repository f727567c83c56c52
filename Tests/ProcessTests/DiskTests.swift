import Foundation
import RoostCore
import RoostLog
import RoostLogSQLite
import Testing

extension ProcessTests {
    @Suite("Disk", .serialized, .timeLimit(.minutes(3)))
    struct DiskTests {
        @Test("A truncated partition file fails its host with the reason, and the rest goes on")
        func truncatedPartition() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                var random = SeededOrders("truncated")
                try cluster.load(random.next(60), name: "before")
                try cluster.waitUntilCaughtUp()
                try cluster.down()
                try Self.truncate("\(cluster.directory)/log/partition-00000000.db")
                let up = try cluster.roost("up", cluster.topologyFile, "-d", "--wait", "--timeout", "60s")
                #expect(up.exitCode == 3 && up.errors.contains("orders-0"), "\(up)")
                let failed = try cluster.wait("failed", for: "orders-0") { $0.state == "failed" }
                #expect(failed.lastExit?.reason.contains("partition") == true, "\(failed)")
                for name in ["orders-1", "stock-0", "gateway", "replay"] {
                    try cluster.wait("works", for: name) { $0.ready && $0.restarts == 0 }
                }
                try expectOthersAccept(cluster, &random)
                try cluster.roost("log", "verify").expecting(2)
            }
        }

        private static func truncate(_ path: String) throws {
            let bytes = try #require(FileManager.default.contents(atPath: path)?.count)
            try #require(Foundation.truncate(path, bytes / 2 / 4096 * 4096 + 100) == 0)
        }

        /// Orders on whole partitions are taken; those on the broken one are not executed.
        private func expectOthersAccept(_ cluster: ClusterUnderTest, _ random: inout SeededOrders) throws {
            let placement = try SQLiteLog.open(at: cluster.directory + "/log").identity.placement
            for order in random.next(12) {
                let partition = try #require(placement.partition(of: try StreamName(order.stream)))
                guard partition.rawValue == 0 || partition.rawValue > 2 else { continue }
                let sent = try cluster.roost(
                    "send", "PlaceOrder", order.data, "--to", order.stream, "--timeout", "2s", "--json")
                let report = try sent.expecting(partition.rawValue == 0 ? 1 : 0).document(SentReport.self)
                #expect(report.outcome == (partition.rawValue == 0 ? "unavailable" : "accepted"))
                #expect(report.outcome == "accepted" || report.next != nil)
            }
        }

        @Test(
            "A full disk refuses commands with the next step, ends nobody, and once there is room all goes on",
            .enabled(if: SmallDisk.isPossible, "needs the rights to mount a small disk"))
        func fullDisk() throws {
            try SmallDisk.with(megabytes: 48) { disk in
                try ClusterUnderTest.with(.shop(), home: disk.path + "/h") { cluster in
                    var random = SeededOrders("full")
                    let before = random.next(40)
                    try cluster.load(before, name: "before")
                    try cluster.waitUntilCaughtUp()
                    try disk.fill()
                    let refused = try Self.sendUntilRefused(cluster, &random)
                    try disk.release()
                    let after = random.next(40) + refused.open
                    try cluster.load(after, name: "after")
                    try cluster.expectNothingLostNothingTwice(before + refused.accepted + after)
                    #expect(try cluster.ps().processes.allSatisfy { $0.ready && $0.restarts == 0 })
                }
            }
        }

        /// Sends orders until one is refused; that one and what is not known are open.
        private static func sendUntilRefused(
            _ cluster: ClusterUnderTest, _ random: inout SeededOrders
        ) throws -> (accepted: [TestOrder], open: [TestOrder]) {
            var accepted: [TestOrder] = []
            for _ in 0..<200 {
                let order = random.next()
                let sent = try cluster.roost(
                    "send", "PlaceOrder", order.data, "--to", order.stream, "--command-id", order.commandID,
                    "--timeout", "3s", "--json")
                let report = try sent.document(SentReport.self)
                if report.outcome == "accepted" {
                    accepted.append(order)
                    continue
                }
                #expect(sent.exitCode == 1 && ["unavailable", "unknown"].contains(report.outcome), "\(report)")
                #expect(report.reason != nil && report.next != nil, "\(report)")
                return (accepted, [order])
            }
            throw TestFailure("200 orders were accepted on a full disk")
        }

        @Test(
            "A data directory that cannot be written is refused at the start, with the reason and what to do",
            .enabled(if: SmallDisk.isPossible, "needs the rights to mount a small disk"))
        func readOnly() throws {
            try SmallDisk.with(megabytes: 48) { disk in
                try ClusterUnderTest.with(.tiny(), home: disk.path + "/h") { cluster in
                    var random = SeededOrders("read-only")
                    let orders = random.next(20)
                    try cluster.load(orders, name: "orders")
                    try cluster.waitUntilCaughtUp()
                    try cluster.down()
                    try disk.setReadOnly(true)
                    let refused = try cluster.roost("up", cluster.topologyFile, "-d", "--wait")
                    #expect(refused.exitCode == 1, "\(refused)")
                    #expect(
                        refused.errors.contains(cluster.directory) && refused.errors.contains("next:"), "\(refused)")
                    #expect(cluster.processes().isEmpty)
                    try disk.setReadOnly(false)
                    try cluster.up()
                    try cluster.expectNothingLostNothingTwice(orders)
                }
            }
        }
    }
}
