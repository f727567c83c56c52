import Foundation
import OtherPrograms
import RoostCluster
import RoostCore
import RoostLogSQLite
import RoostNode
import Testing

extension ProcessTests {
    @Suite("Archives", .serialized, .timeLimit(.minutes(4)))
    struct ArchiveTests {
        private struct Archived: Document {
            static let schemaName = "roost.archived/1"
            struct Partition: Decodable {
                let partition: UInt32
                let first, last, events: UInt64
                let archives: Int
            }
            struct Space: Decodable {
                let bytesFreed: UInt64
                let problem: String?
            }
            let schema: String
            let place: String
            let partitions: [Partition]
            let space: Space?
            var events: UInt64 { partitions.reduce(0) { $0 + $1.events } }
        }

        private struct Listed: Document {
            static let schemaName = "roost.archives/1"
            struct Archive: Decodable {
                let partition: UInt32
                let events: UInt64
                let place: String
                let name: String
            }
            let schema: String
            let archives: [Archive]
        }

        private static var now: String {
            Timestamp(nanoseconds: Int64(Date().timeIntervalSince1970 * 1e9)).description
        }

        private static func archive(_ cluster: ClusterUnderTest, to place: String) throws -> Archived {
            try cluster.roost("archive", "--before", now, "--to", place, "--json").expecting(0).document(Archived.self)
        }

        private static func list(_ cluster: ClusterUnderTest) throws -> [Listed.Archive] {
            try cluster.roost("archive", "list", "--json").expecting(0).document(Listed.self).archives
        }

        /// What people ask about the past.
        private static func answers(_ cluster: ClusterUnderTest, _ order: TestOrder) throws -> [String] {
            try [
                ["history", order.stream, "--json"], ["state", order.stream, "--version", "1", "--json"],
                ["events", "stream", order.stream, "--json"], ["schema", "check", "--every", "--json"],
            ].map { try cluster.begin($0).finish().expecting(0).output }
        }

        private static func expectEqualRebuilds(_ cluster: ClusterUnderTest) throws {
            for projection in ["dashboard", "analytics", "search"] {
                let rebuilt = try cluster.roost("rebuild", projection).expecting(0)
                #expect(rebuilt.output.contains("equal"), "\(rebuilt.output)")
            }
        }

        @Test("Archived while orders come, the log answers as before, and every projection is rebuilt from position 1")
        func underLoad() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                let place = cluster.files + "/cold"
                let orders = try OrderFlow.loading(cluster).during("archive") {
                    try cluster.waitForNewEvents(400)
                    #expect(try Self.archive(cluster, to: place).events > 0)
                    try cluster.waitForNewEvents(300)
                    let second = try Self.archive(cluster, to: place)
                    #expect(second.events > 0)
                }
                try cluster.expectNothingLostNothingTwice(orders)
                let before = try Self.answers(cluster, orders[0])
                let last = try Self.archive(cluster, to: place)
                #expect(last.events > 0 && last.space == nil)
                #expect(try Self.answers(cluster, orders[0]) == before)
                try Self.expectEqualRebuilds(cluster)
                // A command of an archived event is known, and stores nothing again.
                try cluster.load(Array(orders.prefix(60)), name: "again")
                try cluster.expectNothingLostNothingTwice(orders)
                let heads = try LogFold.heads(cluster)
                #expect(try Self.list(cluster).reduce(0) { $0 + $1.events } + 8 <= heads)
            }
        }

        @Test("A stopped cluster is archived too, and its files shrink; it goes on from there")
        func stopped() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                var random = SeededOrders("stopped")
                let (orders, more) = (random.next(300), random.next(20))
                try cluster.load(orders, name: "orders")
                try cluster.waitUntilCaughtUp()
                try cluster.down()
                let archived = try Self.archive(cluster, to: cluster.files + "/cold")
                #expect(archived.events > 100 && (archived.space?.bytesFreed ?? 0) > 0)
                #expect(try Self.archive(cluster, to: cluster.files + "/cold").partitions.isEmpty)
                try cluster.up()
                try cluster.load(more, name: "more")
                try cluster.expectNothingLostNothingTwice(orders + more)
                try Self.expectEqualRebuilds(cluster)
            }
        }

        @Test(
            "Killed at any moment while it archives, nothing is lost and the same call goes on",
            arguments: [
                Failpoint.afterArchiveStored, .beforeArchiveOrder, .afterArchiveOrder, .whileArchivedRowsGo,
            ])
        func killed(at failpoint: Failpoint) throws {
            let marker = "/tmp/roost-archive-\(getpid())-\(failpoint.rawValue)"
            defer { unlink(marker) }
            let isOwner = failpoint == .whileArchivedRowsGo
            let setting = ["ROOST_FAILPOINT": "\(failpoint.rawValue)@1:\(marker)"]
            try ClusterUnderTest.with(.shop(environment: isOwner ? ["orders": setting] : [:])) { cluster in
                var random = SeededOrders("killed")
                let (orders, more) = (random.next(100), random.next(20))
                try cluster.load(orders, name: "orders")
                try cluster.waitUntilCaughtUp()
                let place = cluster.files + "/cold"
                let before = try Self.answers(cluster, orders[0])
                if isOwner {
                    _ = try Self.archive(cluster, to: place)
                    #expect(FileManager.default.fileExists(atPath: marker))
                } else {
                    try cluster.die(at: failpoint, ["archive", "--before", Self.now, "--to", place])
                }
                #expect(try Self.answers(cluster, orders[0]) == before)
                try cluster.load(more, name: "more")
                try cluster.waitUntilCaughtUp()
                _ = try Self.archive(cluster, to: place)
                // The last answer counts all events.
                #expect(try Self.answers(cluster, orders[0]).dropLast() == before.dropLast())
                try cluster.expectNothingLostNothingTwice(orders + more)
                let left = try FileManager.default.subpathsOfDirectory(atPath: cluster.directory + "/log")
                    .filter { $0.contains(".archiv") || $0.hasSuffix(".new") }
                #expect(left == [])
            }
        }

        @Test("A damaged archive, one that is away, a time to come and a bad place are named, and nothing changes")
        func badInput() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                var random = SeededOrders("bad")
                let orders = random.next(30)
                try cluster.load(orders, name: "orders")
                try cluster.waitUntilCaughtUp()
                let place = cluster.files + "/cold"
                let future = try cluster.roost("archive", "--before", "2099-01-01", "--to", place).expecting(64)
                #expect(future.errors.contains("has not come yet"))
                let file = try cluster.roost("archive", "--before", Self.now, "--to", cluster.topologyFile).expecting(1)
                #expect(file.errors.contains("cannot be made"), "\(file.errors)")
                #expect(try Self.list(cluster).isEmpty && !FileManager.default.fileExists(atPath: place))
                _ = try Self.archive(cluster, to: place)
                let archive = try #require(try Self.list(cluster).first)
                let path = "\(place)/\(archive.name)"
                let whole = try Data(contentsOf: URL(fileURLWithPath: path))
                var flipped = whole
                flipped[whole.count / 2] ^= 1
                try flipped.write(to: URL(fileURLWithPath: path))
                let verified = try cluster.roost("log", "verify").expecting(2)
                #expect(verified.output.contains(path) && verified.output.contains("damaged"), "\(verified.output)")
                let rebuilt = try cluster.roost("rebuild", "dashboard").expecting(1)
                #expect(rebuilt.errors.contains(path) && rebuilt.errors.contains("good copy"), "\(rebuilt.errors)")
                try whole.write(to: URL(fileURLWithPath: path))
                try FileManager.default.moveItem(atPath: place, toPath: place + "-2")
                let missing = try cluster.roost("history", orders[0].stream).expecting(1)
                #expect(missing.errors.contains("roost archive moved '\(place)' NEW"), "\(missing.errors)")
                try cluster.roost("archive", "moved", place, cluster.files).expecting(1)
                try cluster.roost("archive", "moved", place + "-3", place + "-2").expecting(4)
                try cluster.roost("archive", "moved", place, place + "-2").expecting(0)
                #expect(try Set(Self.list(cluster).map(\.place)) == [place + "-2"])
                let old = try cluster.roost("archive", "--before", Self.now, "--to", place).expecting(64)
                #expect(old.errors.contains("is in \(place)-2 now"), "\(old.errors)")
                try FileManager.default.moveItem(atPath: place + "-2", toPath: place + "-3")
                try cluster.roost("archive", "moved", place + "-2", place + "-3").expecting(0)
                #expect(try Set(Self.list(cluster).map(\.place)) == [place + "-3"])
                let inside = try cluster.roost("archive", "--before", Self.now, "--to", cluster.directory + "/x")
                    .expecting(64)
                #expect(inside.errors.contains("inside the directory of the cluster"), "\(inside.errors)")
                for typo in ["s3:/cold/x", "S3://cold/x", "file:///tmp/x"] {
                    try cluster.roost("archive", "--before", Self.now, "--to", typo, "--dry-run").expecting(64)
                }
                try Self.expectEqualRebuilds(cluster)
                try cluster.expectNothingLostNothingTwice(orders)
            }
        }

        @Test("Two calls at once, and two clusters in one place, do not touch what the other has written")
        func exclusive() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                var random = SeededOrders("exclusive")
                let orders = random.next(200)
                try cluster.load(orders, name: "orders")
                try cluster.waitUntilCaughtUp()
                try Self.refusesAnother(cluster)
                let places = ["a", "b"].map { "\(cluster.files)/\($0)" }
                let before = Self.now
                let calls = try places.map { try cluster.begin(["archive", "--before", before, "--to", $0]) }
                let results = try calls.map { try $0.finish() }
                #expect(results.contains { $0.exitCode == 0 })
                for result in results where result.exitCode != 0 {
                    #expect(result.exitCode == 5 && result.errors.contains("another 'roost archive'"), "\(result)")
                }
                #expect(try Set(Self.list(cluster).map(\.place)).count == 1)
                let place = try #require(try Self.list(cluster).first?.place)
                try cluster.down()
                try cluster.roost("up", cluster.topologyFile, "-d", "--wait", "--cluster", "other").expecting(0)
                let events = cluster.files + "/orders.ndjson"
                try cluster.roost("load", events, "--cluster", "other").expecting(0)
                try cluster.roost("wait", "--for", "caught-up", "--cluster", "other").expecting(0)
                let other = try cluster.roost(
                    "archive", "--before", Self.now, "--to", place, "--cluster", "other"
                ).expecting(64)
                #expect(other.errors.contains("archives of another log"), "\(other.errors)")
                try cluster.roost("down", "--cluster", "other").expecting(0)
                try cluster.up()
                try cluster.expectNothingLostNothingTwice(orders)
            }
        }

        /// As long as somebody archives, which is certain here, nobody else may.
        private static func refusesAnother(_ cluster: ClusterUnderTest) throws {
            let held = try #require(try ClusterLock.take(at: cluster.directory + "/archive.lock"))
            try withExtendedLifetime(held) {
                for words in [["--before", now, "--to", cluster.files], ["moved", cluster.files, "/x"]] {
                    let refused = try cluster.begin(["archive"] + words).finish().expecting(5)
                    #expect(refused.errors.contains("another 'roost archive'"), "\(refused.errors)")
                }
            }
        }

        @Test("A backup knows its archives wherever they have moved, and is not restored without them")
        func backup() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                var random = SeededOrders("backup")
                let orders = random.next(30)
                try cluster.load(orders, name: "orders")
                try cluster.waitUntilCaughtUp()
                let (place, backup) = (cluster.files + "/cold", cluster.files + "/backup")
                _ = try Self.archive(cluster, to: place)
                try cluster.roost("log", "backup", backup).expecting(0)
                try FileManager.default.moveItem(atPath: place, toPath: place + "-2")
                try cluster.roost("log", "backup", backup + "-2").expecting(0)
                try cluster.load(random.next(100), name: "later")
                try cluster.waitUntilCaughtUp()
                try cluster.down()
                let refused = try cluster.roost("log", "restore", backup, "--yes").expecting(2)
                #expect(refused.errors.contains("nothing was changed"), "\(refused.errors)")
                try cluster.roost("archive", "moved", place, place + "-2").expecting(0)
                let later = try Self.archive(cluster, to: place + "-2")
                try cluster.roost("log", "restore", backup, "--yes").expecting(0)
                try cluster.up()
                try cluster.expectNothingLostNothingTwice(orders)
                #expect(try Set(Self.list(cluster).map(\.place)) == [place + "-2"])
                let unknown = try cluster.roost("archive", "--before", Self.now, "--to", place + "-2").expecting(64)
                #expect(later.events > 0 && unknown.errors.contains("it was restored since"), "\(unknown.errors)")
                _ = try Self.archive(cluster, to: place + "-3")
                try cluster.expectNothingLostNothingTwice(orders)
            }
        }

        @Test("An erasure searches archives, and what is erased stays so when everything is rebuilt from them")
        func erasure() throws {
            struct Certificate: Document {
                static let schemaName = "roost.erasure/1"
                struct Scanned: Decodable { let path: String }
                let schema: String
                let scanned: [Scanned]
            }
            try ClusterUnderTest.with(.shop()) { cluster in
                let register =
                    #"{"email":"ada@example.org","address":{"name":"Ada Byron","city":"Leeds","country":"UK"}}"#
                try cluster.roost("send", "RegisterCustomer", register, "--to", "customer/1").expecting(0)
                var random = SeededOrders("erased")
                try cluster.load(random.next(10), name: "orders")
                try cluster.waitUntilCaughtUp()
                let place = cluster.files + "/cold"
                _ = try Self.archive(cluster, to: place)
                let files = try Set(Self.list(cluster).map { "\(place)/\($0.name)" })
                #expect(
                    try cluster.roost("query", "search", "text", "text=byron").expecting(0).output.contains("Byron"))
                let certificate = try cluster.roost("erase", "customer/1", "--yes", "--json").expecting(0)
                    .document(Certificate.self)
                #expect(!files.isEmpty && files.isSubset(of: certificate.scanned.map(\.path)))
                try Self.expectEqualRebuilds(cluster)
                #expect(
                    try !cluster.roost("query", "search", "text", "text=byron").expecting(0).output.contains("Byron"))
                try cluster.expectIntactLog()
            }
        }

        @Test("In S3, archives are written by who has the credentials, and every process reads them")
        func s3() throws {
            let server = try S3Server()
            try ClusterUnderTest.with(.shop(), isStarted: false) { cluster in
                func start(_ words: [String]) throws -> CommandResult {
                    let access = server.environment.map { "\($0.key)=\($0.value)" }
                    return try RunningCommand(
                        ["/usr/bin/env"] + access + [ClusterUnderTest.executable] + words,
                        environment: cluster.environment, files: cluster.files
                    ).finish()
                }
                func run(_ words: String...) throws -> CommandResult { try start(words).expecting(0) }
                try cluster.up()
                var random = SeededOrders("s3")
                let orders = random.next(60)
                try cluster.load(orders, name: "orders")
                try cluster.waitUntilCaughtUp()
                // Who archives may, those who would have to read may not: the log keeps its events.
                let unread = try start(["archive", "--before", Self.now, "--to", server.address("unread")])
                    .expecting(2)
                #expect(unread.errors.contains("no credentials"), "\(unread.errors)")
                #expect(try Self.list(cluster).isEmpty)
                try cluster.down()
                _ = try run("up", cluster.topologyFile, "-d", "--wait", "--timeout", "60s")
                let address = server.address("shop")
                let refused = try cluster.roost("archive", "--before", Self.now, "--to", address).expecting(1)
                #expect(refused.errors.contains("AWS_ACCESS_KEY_ID"), "\(refused.errors)")
                let archived = try run("archive", "--before", Self.now, "--to", address, "--json")
                    .document(Archived.self)
                #expect(archived.events > 0)
                #expect(try run("log", "verify").output.contains("ok"))
                #expect(try run("history", orders[0].stream).output.contains("OrderPlaced"))
                let rebuilt = try run("rebuild", "dashboard")
                #expect(rebuilt.output.contains("equal"), "\(rebuilt.output)")
                try cluster.load(Array(orders.prefix(10)), name: "again")
                #expect(try run("log", "verify").output.contains("ok"))
            }
        }
    }
}
