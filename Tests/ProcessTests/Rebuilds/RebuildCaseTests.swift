import Foundation
import RoostCluster
import RoostCore
import RoostNode
import Testing

extension ProcessTests {
    @Suite("What a rebuild guarantees", .serialized, .timeLimit(.minutes(4)))
    struct RebuildCaseTests {
        @Test("Case 1: A rebuild ends well on an empty log, without a matching event and with one event, twice each")
        func smallLogs() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                for name in ["dashboard", "search"] {
                    for _ in 1...2 { #expect(try cluster.rebuild(name).events == 0) }
                }
                // The search looks at it, the dashboard does not: one event, and none that matches.
                try cluster.roost(
                    "send", "RegisterCustomer",
                    #"{"email":"a@example.org","address":{"name":"Ada","city":"Leeds","country":"UK"}}"#, "--to",
                    "customer/1"
                ).expecting(0)
                try cluster.waitUntilCaughtUp()
                try #require(try LogFold.heads(cluster) == 1)
                for name in ["dashboard", "search"] {
                    for _ in 1...2 { #expect(try cluster.rebuild(name).events == 1) }
                    #expect(try cluster.rebuild(name, "--swap").swapped)
                    try cluster.rebuild(name)
                }
                #expect(try cluster.applied("dashboard") == 0 && cluster.applied("search") == 1)
                try cluster.expectBalance()
            }
        }

        // MARK: - Case 2

        private static let batch = 100
        private static let batches = 12
        private static let everyBatch = [
            "ROOST_REBUILD_BATCH": "\(batch)", "ROOST_FAILPOINT": "\(Failpoint.afterRebuildBatch.rawValue)@every:none",
        ]

        @Test(
            "Case 2: Killed after each of its batches, a rebuild goes on where it was, to the root of an unbroken one")
        func killedAtEveryBatch() throws {
            try ClusterUnderTest.with(.tiny(environment: ["dashboard": Self.everyBatch])) { cluster in
                let orders = Self.orders(events: Self.batch * Self.batches)
                try cluster.load(orders, name: "fixed")
                try cluster.waitUntilCaughtUp()
                let events = try LogFold.heads(cluster)
                try #require(events.isBetween(Self.batch * (Self.batches - 1), Self.batch * Self.batches))

                for kill in 1...Self.batches {
                    let killed = try cluster.roost("rebuild", "dashboard").expecting(1)
                    #expect(killed.errors.contains("next: roost logs dashboard@rebuild"), "\(killed.errors)")
                    let reached = try cluster.position(of: "dashboard", generation: 2)
                    try #require(reached == min(events, UInt64(kill * Self.batch)), "after \(kill) batches")
                    #expect(try cluster.generation(of: "dashboard") == 1)
                }
                // All batches are there; what is left is to compare.
                let resumed = try cluster.rebuild("dashboard")

                try cluster.down()
                try cluster.setTopology(.tiny())
                try cluster.up()
                let unbroken = try cluster.rebuild("dashboard")
                #expect(resumed.root == unbroken.root && resumed.events == unbroken.events)
                try cluster.expectNothingLostNothingTwice(orders)
            }
        }

        /// Orders whose chains are as many events, but for less than a batch.
        private static func orders(events: Int) -> [TestOrder] {
            var (source, orders, count) = (SeededOrders("fixed", seed: 7), [TestOrder](), 0)
            while count + 6 <= events {
                let order = source.next()
                count += 3 + order.lines.count
                orders.append(order)
            }
            return orders
        }

        // MARK: - Case 3

        @Test("Case 3: A rebuild beside writers skips and doubles nothing, and queries are answered all the time")
        func besideWriters() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                let before = try cluster.process("dashboard")
                var certificates: [String] = []
                var answered: [Int] = []
                let orders = try OrderFlow.loading(cluster).during("beside") {
                    try cluster.waitForNewEvents(200)
                    let questions = try QuestionFlow(cluster, "dashboard/revenue")
                    try questions.during {
                        certificates.append(try #require(try cluster.rebuild("dashboard", "--prove").certificate))
                        // The live one was not touched: the same process on the same generation.
                        let after = try cluster.process("dashboard")
                        #expect(after.pid == before.pid && after.restarts == 0 && after.ready)
                        #expect(try cluster.generation(of: "dashboard") == 1)
                        answered.append(questions.answers)
                        let swapped = try cluster.rebuild("dashboard", "--swap", "--prove")
                        #expect(swapped.swapped)
                        #expect(try cluster.generation(of: "dashboard") == 2)
                        certificates.append(try #require(swapped.certificate))
                        answered.append(questions.answers)
                        try cluster.waitForNewEvents(100)
                    }
                    answered.append(questions.answers)
                }
                #expect(answered[0] > 0 && answered[1] > answered[0] && answered[2] > answered[1], "\(answered)")
                try cluster.expectNothingLostNothingTwice(orders)
                for certificate in certificates { try cluster.roost("certificate", "verify", certificate).expecting(0) }
                try cluster.rebuild("dashboard")
            }
        }

        // MARK: - Case 4

        @Test("Case 4: A swap is done once its last batch is kept; killed before, the old one stays")
        func doneIsDone() throws {
            try withTemporaryDirectory { directory in
                let marker = directory + "/reached"
                // The first rebuild has one batch, the swap after it more.
                let environment = [
                    "ROOST_REBUILD_BATCH": "100",
                    "ROOST_FAILPOINT": "\(Failpoint.afterRebuildBatch.rawValue)@2.stop:\(marker)",
                ]
                try ClusterUnderTest.with(.tiny(environment: ["dashboard": environment])) { cluster in
                    var source = SeededOrders("done")
                    var orders = source.next(12)
                    try cluster.load(orders, name: "first")
                    try cluster.waitUntilCaughtUp()
                    let proof = try cluster.certificate(of: cluster.rebuild("dashboard", "--prove"))
                    orders += source.next(120)
                    try cluster.load(Array(orders[12...]), name: "second")
                    try cluster.waitUntilCaughtUp()

                    let pid = try #require(try cluster.process("dashboard").pid)
                    try cluster.swapDesk(of: "dashboard").place(
                        SwapOrder(generation: 2, build: proof.build, root: proof.root, isParkedAlike: true))
                    try eventually("the swap is at its second batch") {
                        FileManager.default.fileExists(atPath: marker)
                    }
                    #expect(try cluster.generation(of: "dashboard") == 1)
                    let live = try cluster.position(of: "dashboard", generation: 1)
                    #expect(try cluster.position(of: "dashboard", generation: 2) < live)
                    try #require(kill(pid, SIGKILL) == 0)
                    // The next life finds what the last one was asked for.
                    try eventually("it has gone over") { try cluster.generation(of: "dashboard") == 2 }
                    #expect(try cluster.position(of: "dashboard", generation: 2) == live)
                    try cluster.expectNothingLostNothingTwice(orders)

                    let process = try cluster.process("dashboard")
                    #expect(try cluster.rebuild("dashboard", "--swap").swapped)
                    let after = try cluster.process("dashboard")
                    #expect(after.pid == process.pid && after.restarts == process.restarts, "it went on all the time")
                    cluster.killEverything()
                    #expect(try cluster.generation(of: "dashboard") == 3)
                    #expect(try cluster.position(of: "dashboard", generation: 3) == live)
                    try cluster.up()
                    try cluster.expectNothingLostNothingTwice(orders)
                    #expect(try cluster.generation(of: "dashboard") == 3)
                }
            }
        }

        // MARK: - Case 5

        @Test("Case 5: Of two rebuilds of one projection the second is refused at once; another's goes on beside it")
        func oneAtATime() throws {
            try withTemporaryDirectory { directory in
                let marker = directory + "/reached"
                let failpoint = "\(Failpoint.afterRebuildBatch.rawValue)@1.stop:\(marker)"
                try ClusterUnderTest.with(.tiny(environment: ["dashboard": ["ROOST_FAILPOINT": failpoint]])) {
                    cluster in
                    var source = SeededOrders("two")
                    try cluster.load(source.next(20), name: "two")
                    try cluster.waitUntilCaughtUp()
                    let first = try cluster.begin(["rebuild", "dashboard", "--json"])
                    defer { first.end() }
                    try eventually("the first one stands still") { FileManager.default.fileExists(atPath: marker) }
                    for words in [["rebuild", "dashboard"], ["rebuild", "dashboard", "--swap"]] {
                        // While the first one cannot end, so this does not wait for it.
                        let second = try cluster.begin(words).finish(within: .seconds(30)).expecting(5)
                        #expect(second.errors.contains("dashboard@rebuild runs already"), "\(second.errors)")
                    }
                    try cluster.rebuild("traces")
                    #expect(first.isRunning)
                    let pid = try #require(try cluster.process("dashboard@rebuild").pid)
                    try #require(kill(pid, SIGCONT) == 0)
                    let report = try first.finish().expecting(0).document(RebuildReport.self)
                    #expect(report.verdict == "equal" && report.events > 0)
                    try cluster.rebuild("dashboard")
                }
            }
        }

        // MARK: - Case 6

        @Test(
            "Case 6: A rebuild appends, commands and publishes nothing, with one writer or several",
            arguments: ["one", "several"])
        func noEffects(writers: String) throws {
            let tiny = try TestTopology.tiny()
            let one = TestTopology(name: tiny.name, text: tiny.text + "  partners: {role: feed}\n")
            try ClusterUnderTest.with(writers == "one" ? one : .shop()) { cluster in
                var source = SeededOrders("effects")
                var orders = source.next(30)
                try cluster.load(orders, name: "before")
                try cluster.waitUntilCaughtUp()
                let events = try LogFold.heads(cluster)
                // What the writers count is what the log holds.
                try eventually("everything is counted") { try Self.effects(of: cluster)["published"] == Int64(events) }
                let before = try Self.effects(of: cluster)
                let feed = try cluster.roost("feed", "--limit", "1000000", "--json").expecting(0).output
                #expect(feed.contains("OrderDispatched"))

                let names = try cluster.ps().processes.filter { $0.role == "projection" }.map(\.name)
                for name in names { #expect(try cluster.rebuild(name, "--swap").swapped && names.count > 1) }
                // A new order comes after whatever a rebuild may have set off.
                let next = source.next()
                try cluster.load([next], name: "after")
                orders.append(next)
                try cluster.waitUntilCaughtUp()
                let more = UInt64(3 + next.lines.count)
                #expect(try LogFold.heads(cluster) == events + more)
                try eventually("the new order is counted") {
                    try Self.effects(of: cluster)["published"] == Int64(events + more)
                }
                // The order itself, and a command for each of its other events.
                let after = try Self.effects(of: cluster)
                #expect(after["records"] == before["records"].map { $0 + Int64(more) }, "\(before) \(after)")
                let again = try cluster.roost("feed", "--limit", "60", "--json").expecting(0).output
                #expect(try Self.sequences(again) == Self.sequences(feed))
                #expect(try Self.newest(cluster) == 2 * orders.count)
                try cluster.expectNothingLostNothingTwice(orders)
            }
        }

        /// What all writers together have taken and published since they started.
        private static func effects(of cluster: ClusterUnderTest) throws -> [String: Int64] {
            let writers = try cluster.ps().processes.filter { $0.role == "aggregate" }
            return writers.reduce(into: [:]) { sums, writer in
                for name in ["records", "published"] { sums[name, default: 0] += writer.counters[name, default: 0] }
            }
        }

        private struct Feed: Decodable {
            struct Event: Decodable {
                let id: String
                let sequence: String
            }
            let newest: Int
            let events: [Event]
        }

        private static func sequences(_ text: String) throws -> [String] {
            try JSONDecoder().decode(Feed.self, from: Data(text.utf8)).events.prefix(60).map {
                "\($0.sequence) \($0.id)"
            }
        }

        private static func newest(_ cluster: ClusterUnderTest) throws -> Int {
            let text = try cluster.roost("feed", "--json").expecting(0).output
            return try JSONDecoder().decode(Feed.self, from: Data(text.utf8)).newest
        }
    }
}

extension UInt64 {
    fileprivate func isBetween(_ low: Int, _ high: Int) -> Bool { self > UInt64(low) && self <= UInt64(high) }
}
