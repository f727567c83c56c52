import Foundation
import RoostCore
import RoostLog
import RoostLogSQLite
import RoostNode
import Testing

extension ProcessTests {
    @Suite("Erasure", .serialized, .timeLimit(.minutes(4)))
    struct ErasureTests {
        private struct Certificate: Document {
            static let schemaName = "roost.erasure/1"
            let schema: String
            let subject: String
            let events: Int
            let keysDestroyed: Int
            let valuesSought: Int
            let acknowledgedBy: [String]
            let remade: [String]
            let recordedIn: String?
        }

        private static let names = ["Ada Byron", "1 Mill Lane", "ada@example.org"]
        private static let register = """
            {"email":"ada@example.org","address":{"name":"Ada Byron","city":"Leeds","country":"United Kingdom"}}
            """
        private static let order = """
            {"customer":"customer/1","address":{"name":"Ada Byron","street":"1 Mill Lane","country":"United Kingdom"},\
            "lines":[{"sku":"A","quantity":1,"unitPrice":5}]}
            """
        private static let other =
            #"{"email":"bob@example.org","address":{"name":"Bob Hill","city":"Leeds","country":"UK"}}"#

        /// A customer with an order, another in the same town, and more than one process that knows them.
        private static func prepare(_ cluster: ClusterUnderTest) throws {
            try cluster.roost("send", "RegisterCustomer", register, "--to", "customer/1").expecting(0)
            try cluster.roost("send", "RegisterCustomer", other, "--to", "customer/2").expecting(0)
            for number in 1...4 {
                try cluster.roost("send", "PlaceOrder", order, "--to", "order/\(number)").expecting(0)
            }
            try cluster.waitUntilCaughtUp()
            #expect(try found("byron", cluster).contains("Ada Byron"))
        }

        /// A cluster that is down, and a backup from before its erasure.
        private static func eraseAfterBackup(_ cluster: ClusterUnderTest) throws -> String {
            try prepare(cluster)
            let backup = cluster.files + "/backup"
            try cluster.roost("log", "backup", backup).expecting(0)
            try cluster.roost("erase", "customer/1", "--yes").expecting(0)
            try cluster.down()
            return backup
        }

        private static func found(_ words: String, _ cluster: ClusterUnderTest) throws -> String {
            try cluster.roost("query", "search", "text", "text=\(words)").expecting(0).output
        }

        /// Files of the cluster that hold one of the names, whatever `roost` says.
        private static func holders(_ cluster: ClusterUnderTest) throws -> [String] {
            try FileManager.default.subpathsOfDirectory(atPath: cluster.directory).sorted().filter { path in
                guard let content = FileManager.default.contents(atPath: cluster.directory + "/" + path) else {
                    return false
                }
                return names.contains { content.range(of: Data($0.utf8)) != nil }
            }
        }

        private static func expectGone(_ cluster: ClusterUnderTest) throws {
            #expect(try holders(cluster) == [])
            #expect(try !found("byron", cluster).contains("Ada"))
            #expect(try found("leeds", cluster).contains("Bob Hill"))
            let state = try cluster.roost("state", "order/1").expecting(0).output
            #expect(state.contains(#""erased": true"#) && state.contains("United Kingdom"), "\(state)")
            let history = try cluster.roost("history", "customer/1").expecting(0).output
            #expect(history.contains("CustomerErased") && !history.contains("Ada"), "\(history)")
        }

        @Test("What the log stores shows nothing personal, and who reads it through Roost sees it")
        func sealed() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                try Self.prepare(cluster)
                #expect(try Self.holders(cluster).allSatisfy { $0.hasPrefix("projections/search/") })
                let state = try cluster.roost("state", "customer/1").expecting(0).output
                #expect(state.contains("Ada Byron"), "\(state)")
                let stored = try cluster.roost("events", "stream", "customer/1", "--json").expecting(0).output
                #expect(stored.contains("sealed") && !stored.contains("Ada"), "\(stored)")
            }
        }

        @Test("An erased customer is readable nowhere, and neither a restart nor a rebuild brings the data back")
        func erased() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                try Self.prepare(cluster)
                // What rebuilds have kept, and left lying, shows the data as the live one does.
                try cluster.rebuild("search", "--prove", "--keep")
                #expect(try Self.holders(cluster).contains { $0.hasPrefix("projections/search/bases/") })
                let certificate = try cluster.roost("erase", "customer/1", "--yes", "--json").expecting(0)
                    .document(Certificate.self)
                #expect(certificate.events >= 9 && certificate.keysDestroyed >= 1 && certificate.valuesSought == 4)
                #expect(
                    certificate.remade == ["dashboard", "analytics", "search"] && certificate.recordedIn == "customer/1"
                )
                #expect(certificate.acknowledgedBy.count == 11)
                try cluster.waitUntilCaughtUp()
                try Self.expectGone(cluster)
                // What was published of the customer's orders keeps its number and is empty.
                let feed = try cluster.roost("feed", "--json").expecting(0).output
                #expect(feed.contains(#""erased": true"#) && feed.contains("OrderConfirmed"), "\(feed)")
                for (command, stream) in [("RegisterCustomer", "customer/1"), ("PlaceOrder", "order/9")] {
                    let data = command == "PlaceOrder" ? Self.order : Self.register
                    let refused = try cluster.roost("send", command, data, "--to", stream).expecting(2)
                    #expect((refused.output + refused.errors).contains("was erased"), "\(refused.output)")
                }
                try cluster.roost("rebuild", "search", "--swap").expecting(0)
                try cluster.down()
                try cluster.up()
                try cluster.waitUntilCaughtUp()
                try Self.expectGone(cluster)
                try cluster.expectIntactLog()
                try cluster.expectBalance()
                let again = try cluster.roost("erase", "customer/1", "--yes", "--json").expecting(0).document(
                    Certificate.self)
                #expect(again.keysDestroyed == certificate.keysDestroyed)
            }
        }

        @Test(
            "Killed at any step, an erasure goes on with the same command and ends the same",
            arguments: [
                Failpoint.afterErasureBegan, .afterErasureCleaned, .beforeKeysDestroyed, .whileKeysDestroyed,
                .afterKeysDestroyed,
            ])
        func killed(at failpoint: Failpoint) throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                try Self.prepare(cluster)
                try cluster.die(at: failpoint, ["erase", "customer/1", "--yes"])
                // It reads as erased from the first step on.
                #expect(try cluster.roost("state", "customer/1").expecting(0).output.contains(#""erased": true"#))
                let certificate = try cluster.roost("erase", "customer/1", "--yes", "--json").expecting(0)
                    .document(Certificate.self)
                #expect(certificate.valuesSought == 4 && certificate.keysDestroyed >= 1)
                try cluster.waitUntilCaughtUp()
                try Self.expectGone(cluster)
                try cluster.expectBalance()
            }
        }

        @Test("With data standing readable somewhere no key is destroyed; an unknown subject is not found")
        func refused() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                try Self.prepare(cluster)
                try cluster.roost("erase", "customer/77", "--yes").expecting(4)
                let aside = cluster.directory + "/before-restore-1/projections"
                try FileManager.default.createDirectory(atPath: aside, withIntermediateDirectories: true)
                try cluster.roost("erase", "customer/1", "--yes").expecting(2)
                #expect(try cluster.roost("state", "customer/1").expecting(0).output.contains("Ada Byron"))
                try FileManager.default.removeItem(atPath: cluster.directory + "/before-restore-1")
                let note = cluster.directory + "/note.txt"
                try "call Ada Byron".write(toFile: note, atomically: true, encoding: .utf8)
                let refused = try cluster.roost("erase", "customer/1", "--yes").expecting(2)
                #expect(refused.errors.contains("note.txt"), "\(refused.errors)")
                try FileManager.default.removeItem(atPath: note)
                try cluster.roost("erase", "customer/1", "--yes").expecting(0)
                try cluster.waitUntilCaughtUp()
                try Self.expectGone(cluster)
            }
        }

        @Test("A log that is restored from before an erasure is erased and recorded once more")
        func restoredLog() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                let backup = try Self.eraseAfterBackup(cluster)
                let restored = try cluster.roost("log", "restore", backup, "--yes").expecting(0).output
                #expect(restored.contains("roost erase customer/1"), "\(restored)")
                try cluster.up()
                // What was published is empty before anybody can ask for it.
                #expect(try cluster.roost("feed", "--json").expecting(0).output.contains(#""erased": true"#))
                #expect(try !cluster.roost("history", "customer/1").expecting(0).output.contains("CustomerErased"))
                try cluster.roost("erase", "customer/1", "--yes").expecting(0)
                try cluster.waitUntilCaughtUp()
                try Self.expectGone(cluster)
                // What the restore put aside would block the next one.
                let blocked = try cluster.roost("erase", "customer/2", "--yes").expecting(2)
                #expect(blocked.errors.contains("before-restore-"), "\(blocked.errors)")
            }
        }

        @Test("A restore that is killed after its decision brings back nothing that was erased")
        func restoredAndKilled() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                let backup = try Self.eraseAfterBackup(cluster)
                try cluster.die(at: .betweenRestoreMoves, ["log", "restore", backup, "--yes"])
                try cluster.up()
                try cluster.waitUntilCaughtUp()
                #expect(try cluster.roost("feed", "--json").expecting(0).output.contains(#""erased": true"#))
                #expect(try !Self.found("byron", cluster).contains("Ada"))
            }
        }

        @Test("Case 17: No handler fails at what was erased: commands, reactors, projections, feeds, rebuilds")
        func handlers() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                try Self.prepare(cluster)
                try cluster.roost("erase", "customer/1", "--yes").expecting(0)
                // Every aggregate is loaded anew, and every projection made from the first event.
                for name in ["orders", "stock", "fulfilment", "partners"] {
                    try cluster.roost("restart", name).expecting(0)
                }
                for name in ["dashboard", "analytics", "search", "traces"] { try cluster.rebuild(name, "--swap") }
                // An order of the erased customer goes on, through all of them.
                try cluster.roost("send", "CancelOrder", #"{"reason":"no"}"#, "--to", "order/1").expecting(0)
                try cluster.roost("send", "ShipOrder", #"{"again":true}"#, "--to", "order/1").expecting(0)
                try cluster.roost("send", "ReceiveStock", #"{"quantity":7}"#, "--to", "stock/A").expecting(0)
                let other = Self.order.replacing("customer/1", with: "customer/2")
                try cluster.roost("send", "PlaceOrder", other, "--to", "order/5").expecting(0)
                try cluster.waitUntilCaughtUp()
                for stream in ["order/1", "customer/1"] {
                    let state = try cluster.roost("state", stream).expecting(0).output
                    #expect(state.localizedCaseInsensitiveContains(#"erased": true"#), "\(state)")
                    for words in [["history", stream], ["events", "stream", stream]] {
                        try cluster.begin(words).finish().expecting(0)
                    }
                }
                try cluster.roost("why", "dashboard", "orders/order/1").expecting(0)
                try cluster.roost("trace", "--last", "--payload").expecting(0)
                for process in try cluster.ps().processes {
                    #expect(process.ready && process.counters["parked", default: 0] == 0, "\(process)")
                    #expect(process.lastExit?.code ?? 0 == 0, "\(process)")
                }
                try cluster.expectBalance()
                try cluster.expectIntactLog()
                #expect(try LogFold(cluster).types["OrderShipped"] == 6)
                for name in ["dashboard", "analytics", "search", "traces"] { try cluster.rebuild(name) }
            }
        }

        @Test("Erasing needs a running cluster and a word that it is meant")
        func notAsked() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                try Self.prepare(cluster)
                #expect(try cluster.roost("erase", "customer/1").expecting(64).errors.contains("--yes"))
                try cluster.down()
                try cluster.roost("erase", "customer/1", "--yes").expecting(5)
                try cluster.up()
                #expect(try cluster.roost("state", "customer/1").expecting(0).output.contains("Ada Byron"))
            }
        }

        @Test("Data that was stored before there were keys cannot be erased, and the command says so")
        func storedReadable() async throws {
            let payload = """
                {"customer":"customer/1","address":{"name":{"plain":"Ada Byron"},"country":"United Kingdom"}}
                """
            let home = try await OldLog.home(
                "CustomerRegistered", version: 1, payload, in: "customer/1", subject: "customer/1")
            defer { #expect(throws: Never.self) { try FileManager.default.removeItem(atPath: home) } }
            try ClusterUnderTest.with(.shop(), home: home) { cluster in
                try cluster.waitUntilCaughtUp()
                let refused = try cluster.roost("erase", "customer/1", "--yes").expecting(2)
                #expect(refused.errors.contains("stored before there were keys"), "\(refused.errors)")
                #expect(try cluster.roost("state", "customer/1").expecting(0).output.contains("Ada Byron"))
            }
        }

        @Test("A key file that is broken stops the start by its name, and nothing is lost")
        func badKeyFile() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                try Self.prepare(cluster)
                try cluster.down()
                let file = cluster.directory + "/vault/master.key"
                let key = try Data(contentsOf: URL(fileURLWithPath: file))
                try Data("rubbish".utf8).write(to: URL(fileURLWithPath: file))
                let refused = try cluster.roost("up", cluster.topologyFile, "-d", "--wait").expecting(1)
                #expect(refused.errors.contains("master.key"), "\(refused.errors)")
                try key.write(to: URL(fileURLWithPath: file))
                try cluster.up()
                #expect(try cluster.roost("state", "customer/1").expecting(0).output.contains("Ada Byron"))
            }
        }

        @Test("Keys come back from their backup, but never those of an erased subject")
        func vaultBackup() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                try Self.prepare(cluster)
                let backup = cluster.files + "/keys"
                try cluster.roost("vault", "backup", backup).expecting(0)
                try cluster.roost("erase", "customer/1", "--yes").expecting(0)
                try cluster.waitUntilCaughtUp()
                try cluster.down()
                try cluster.roost("vault", "restore", backup).expecting(0)
                try cluster.up()
                try cluster.waitUntilCaughtUp()
                try Self.expectGone(cluster)
                try cluster.down()
                try FileManager.default.removeItem(atPath: cluster.directory + "/vault")
                let lost = try cluster.roost("up", cluster.topologyFile, "-d", "--wait").expecting(1)
                #expect(lost.errors.contains("roost vault restore"), "\(lost.errors)")
                try cluster.roost("vault", "restore", backup).expecting(0)
                try cluster.up()
                #expect(try cluster.roost("state", "customer/2").expecting(0).output.contains("Bob Hill"))
            }
        }
    }
}
