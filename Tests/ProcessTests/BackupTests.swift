import Foundation
import RoostNode
import Testing

extension ProcessTests {
    @Suite("Backup and restore", .serialized, .timeLimit(.minutes(4)))
    struct BackupTests {
        private struct Restored: Document {
            static let schemaName = "roost.restore/1"
            let schema: String
            let events: Int
            let eventsAside: Int?
            let movedTo: String?
            let remade: [String]
        }

        private static func restore(_ backup: String, _ cluster: ClusterUnderTest) throws -> Restored {
            try cluster.roost("log", "restore", backup, "--yes", "--json").expecting(0).document(Restored.self)
        }

        @Test("A backup made under load is a log of its own: every event has its cause, and every order goes on")
        func underLoad() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                let backup = cluster.files + "/backup"
                let orders = try OrderFlow.loading(cluster).during("backup") {
                    try cluster.waitForNewEvents(300)
                    try cluster.roost("log", "backup", backup).expecting(0)
                    try cluster.waitForNewEvents(300)
                }
                try cluster.waitUntilCaughtUp()
                let before = try LogFold.heads(cluster)
                try cluster.down()
                let restored = try Self.restore(backup, cluster)
                #expect(restored.eventsAside == Int(before) - restored.events && restored.events > 300)
                #expect(restored.remade == ["analytics", "dashboard", "search", "traces"])
                #expect(try LogFold(cluster).withoutCause == [])
                try cluster.up()
                try cluster.waitUntilCaughtUp()
                let placed = try LogFold(cluster).placed
                try cluster.expectNothingLostNothingTwice(orders.filter { placed[$0.stream] != nil })
            }
        }

        @Test(
            "Without 'roost log restore' every reader that stands beyond a restored log refuses it and says what to do")
        func recognised() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                var random = SeededOrders("kept")
                try cluster.load(random.next(20), name: "kept")
                try cluster.waitUntilCaughtUp()
                let backup = cluster.files + "/backup"
                try cluster.roost("log", "backup", backup).expecting(0)
                try cluster.load(random.next(20), name: "lost")
                try cluster.waitUntilCaughtUp()
                try cluster.down()
                let files = FileManager.default
                try files.removeItem(atPath: cluster.directory + "/log")
                try files.copyItem(atPath: backup + "/log", toPath: cluster.directory + "/log")
                _ = try cluster.roost("up", cluster.topologyFile, "-d")
                // It grows past the old checkpoints with other events: positions alone would look right.
                try eventually("orders are taken") {
                    try cluster.roost("load", cluster.files + "/kept.ndjson").exitCode == 0
                }
                for name in ["dashboard", "analytics", "search", "fulfilment"] {
                    let reader = try cluster.wait("refuses", for: name) { $0.state == "failed" }
                    #expect(reader.lastExit?.code == 70)
                    let reason = reader.lastExit?.reason ?? ""
                    #expect(reason.contains("not part of this log") && reason.contains("roost "), "\(reason)")
                }
                try cluster.down()
                #expect(try Self.restore(backup, cluster).remade == ["analytics", "dashboard", "search", "traces"])
                try cluster.up()
                try cluster.expectNothingLostNothingTwice(SeededOrders("kept").prefix(20))
            }
        }

        @Test("Two restores within a second keep both logs of before, for nobody else to read; another log is refused")
        func twice() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                var random = SeededOrders("twice")
                let orders = random.next(5)
                try cluster.load(orders, name: "orders")
                try cluster.waitUntilCaughtUp()
                let backup = cluster.files + "/backup"
                try cluster.roost("log", "backup", backup).expecting(0)
                let feed = try cluster.roost("feed", "--after", "11").expecting(64)
                #expect(feed.errors.contains("ends at number 10"), "\(feed.errors)")
                try cluster.down()
                var places = [try #require(try Self.restore(backup, cluster).movedTo)]
                // Names that the next seconds would give are taken.
                let stamps = (0...60).map { Date(timeIntervalSinceNow: Double($0)) }
                let format = DateFormatter()
                format.locale = Locale(identifier: "en_US_POSIX")
                format.timeZone = TimeZone(identifier: "UTC")
                format.dateFormat = "yyyyMMdd-HHmmss"
                for stamp in stamps {
                    let name = "\(cluster.directory)/before-restore-\(format.string(from: stamp))Z/log"
                    try FileManager.default.createDirectory(atPath: name, withIntermediateDirectories: true)
                    try Data("taken".utf8).write(to: URL(fileURLWithPath: name + "/x"))
                }
                places.append(try #require(try Self.restore(backup, cluster).movedTo))
                #expect(places[1].hasSuffix("Z-2"))
                let attributes = try FileManager.default.attributesOfItem(atPath: places[1])
                #expect(attributes[.posixPermissions] as? Int == 0o700)
                #expect(
                    Set(places).count == 2 && places.allSatisfy { FileManager.default.fileExists(atPath: $0 + "/log") })
                for name in ["log", "projections", "feeds"] {
                    let attributes = try FileManager.default.attributesOfItem(atPath: "\(cluster.directory)/\(name)")
                    #expect(attributes[.posixPermissions] as? Int == 0o700, "\(name)")
                }
                let other = try cluster.roost(
                    "up", Repository.path + "/topology/tiny.yaml", "-d", "--wait", "--cluster", "other")
                #expect(other.exitCode == 0, "\(other.errors)")
                try cluster.roost("down", "--cluster", "other").expecting(0)
                let refused = try cluster.roost("log", "restore", backup, "--yes", "--cluster", "other").expecting(2)
                #expect(refused.errors.contains("another log"), "\(refused.errors)")
                try cluster.up()
                try cluster.expectNothingLostNothingTwice(orders)
            }
        }

        @Test("A damaged backup, a missing one and a running cluster are refused, and nothing changes")
        func refused() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                var random = SeededOrders("refused")
                let orders = random.next(10)
                try cluster.load(orders, name: "orders")
                try cluster.waitUntilCaughtUp()
                let backup = cluster.files + "/backup"
                try cluster.roost("log", "backup", backup).expecting(0)
                #expect(try cluster.roost("log", "backup", backup).expecting(64).errors.contains("exists already"))
                #expect(try cluster.roost("log", "restore", backup, "--yes").expecting(5).errors.contains("roost down"))
                try cluster.down()
                try cluster.roost("log", "restore", cluster.files + "/none", "--yes").expecting(4)
                #expect(try cluster.roost("log", "restore", backup).expecting(64).errors.contains("--yes"))
                let file = backup + "/log/partition-00000003.db"
                let whole = try Data(contentsOf: URL(fileURLWithPath: file))
                var flipped = whole
                flipped[whole.count / 2] ^= 1
                for damaged in [flipped, whole.dropLast(16_384)] {
                    try damaged.write(to: URL(fileURLWithPath: file))
                    let refusal = try cluster.roost("log", "restore", backup, "--yes").expecting(2)
                    #expect(refusal.errors.contains("partition-00000003.db is damaged"), "\(refusal.errors)")
                }
                #expect(!FileManager.default.fileExists(atPath: cluster.directory + "/restoring"))
                try cluster.up()
                try cluster.expectNothingLostNothingTwice(orders)
            }
        }

        @Test(
            "Killed at any moment, a backup is not there or complete, and a cluster has one log or the other",
            arguments: [
                Failpoint.beforeBackupRename, .beforeRestore, .afterRestoreDecision, .betweenRestoreMoves,
            ])
        func killed(at failpoint: Failpoint) throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                var random = SeededOrders("killed")
                let (kept, later) = (random.next(10), random.next(10))
                try cluster.load(kept, name: "kept")
                try cluster.waitUntilCaughtUp()
                let backup = cluster.files + "/backup"
                if failpoint == .beforeBackupRename {
                    try cluster.die(at: failpoint, ["log", "backup", backup])
                    #expect(!FileManager.default.fileExists(atPath: backup))
                }
                try cluster.roost("log", "backup", backup).expecting(0)
                try cluster.load(later, name: "later")
                try cluster.waitUntilCaughtUp()
                guard failpoint != .beforeBackupRename else {
                    return _ = try cluster.expectNothingLostNothingTwice(kept + later)
                }
                try cluster.down()
                try cluster.die(at: failpoint, ["log", "restore", backup, "--yes"])
                try cluster.up()
                try cluster.expectNothingLostNothingTwice(failpoint == .beforeRestore ? kept + later : kept)
                #expect(
                    failpoint == .beforeRestore
                        || !FileManager.default.fileExists(atPath: cluster.directory + "/restoring"))
            }
        }
    }
}

extension SeededOrders {
    /// The first orders, without taking them.
    fileprivate func prefix(_ count: Int) -> [TestOrder] {
        var copy = self
        return copy.next(count)
    }
}
