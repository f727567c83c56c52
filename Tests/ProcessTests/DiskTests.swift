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
                for seen in [try cluster.roost("projections"), try cluster.roost("events", "tail")] {
                    #expect(try seen.expecting(1).output.contains("partition 0 cannot be read"), "\(seen)")
                }
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
            "A disk that fills under load refuses commands with the next step, ends nobody, and with room all goes on",
            .enabled(if: SmallDisk.isPossible, "needs the rights to mount a small disk"))
        func fullDisk() throws {
            try SmallDisk.with(megabytes: 64) { disk in
                try ClusterUnderTest.with(.shop(), home: disk.path + "/h") { cluster in
                    let orders = try OrderFlow.loading(cluster).during("full") {
                        for _ in 1...3 {
                            try cluster.waitForNewEvents(60)
                            try disk.fill()
                            try Self.expectRefusal(cluster)
                            try disk.release()
                        }
                        try cluster.waitForNewEvents(60)
                    }
                    for name in try cluster.ps().processes.map(\.name) {
                        try cluster.wait("ready", for: name) { $0.ready }
                    }
                    try cluster.expectNothingLostNothingTwice(orders)
                    let restarts = try cluster.ps().restarts
                    #expect(restarts.values.allSatisfy { $0 == 0 }, "\(restarts)")
                }
            }
        }

        /// No writer takes a command, and each says why and what to do.
        private static func expectRefusal(_ cluster: ClusterUnderTest) throws {
            for number in 1...3 {
                try eventually("stock/refused-\(number) is refused") {
                    let sent = try cluster.roost(
                        "send", "ReceiveStock", #"{"quantity":1}"#, "--to", "stock/refused-\(number)", "--timeout",
                        "2s",
                        "--json")
                    let report = try sent.document(SentReport.self)
                    guard report.outcome != "accepted" else { return false }
                    #expect(sent.exitCode == 1 && ["unavailable", "unknown"].contains(report.outcome), "\(report)")
                    #expect(report.reason != nil && report.next != nil, "\(report)")
                    return true
                }
            }
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
