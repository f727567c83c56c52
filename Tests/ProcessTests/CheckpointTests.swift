import Foundation
import Testing

extension ProcessTests {
    @Suite("Checkpoints", .serialized, .timeLimit(.minutes(4)))
    struct CheckpointTests {
        enum Wrong: String, CaseIterable, Sendable {
            /// The cluster's own log as it was earlier: every checkpoint is ahead of its head.
            case shorter
            /// The log of another cluster with the same topology, and longer.
            case foreign
        }

        private static let readers = ["dashboard", "analytics", "search", "fulfilment", "partners"]

        @Test(
            "Case 11: A checkpoint ahead of the log, or of another log, is refused, and nothing changes",
            arguments: Wrong.allCases)
        func refused(wrong: Wrong) throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                var source = SeededOrders("own")
                let early = source.next(20)
                try cluster.load(early, name: "early")
                try cluster.waitUntilCaughtUp()
                let backup = cluster.files + "/backup"
                try cluster.roost("log", "backup", backup).expecting(0)
                let late = source.next(20)
                try cluster.load(late, name: "late")
                try cluster.waitUntilCaughtUp()
                try cluster.down()

                let (log, own) = (cluster.directory + "/log", cluster.files + "/own-log")
                let files = FileManager.default
                try files.moveItem(atPath: log, toPath: own)
                let other = wrong == .shorter ? backup + "/log" : try Self.foreignLog(cluster)
                try files.copyItem(atPath: other, toPath: log)
                _ = try cluster.roost("up", cluster.topologyFile, "-d")
                for name in Self.readers {
                    let reader = try cluster.wait("refuses", for: name) { $0.state == "failed" }
                    let reason = reader.lastExit?.reason ?? ""
                    #expect(reader.lastExit?.code == 70 && reason.contains("roost "), "\(name): \(reason)")
                }
                let late5 = try cluster.roost("wait", "--for", "caught-up", "--timeout", "1s")
                #expect(late5.exitCode != 0, "\(late5)")

                try cluster.down()
                try files.removeItem(atPath: log)
                try files.moveItem(atPath: own, toPath: log)
                try cluster.up()
                try cluster.expectNothingLostNothingTwice(early + late)
            }
        }

        /// The log of another shop, with more events than the first one has.
        private static func foreignLog(_ cluster: ClusterUnderTest) throws -> String {
            let words = ["up", cluster.topologyFile, "-d", "--wait", "--cluster", "other"]
            try cluster.begin(words).finish().expecting(0)
            var source = SeededOrders("other")
            let file = try cluster.write(source.next(60), to: "other")
            try cluster.roost("load", file, "--cluster", "other").expecting(0)
            try cluster.roost("wait", "--for", "caught-up", "--cluster", "other").expecting(0)
            try cluster.roost("down", "--cluster", "other").expecting(0)
            return cluster.home + "/other/log"
        }
    }
}
