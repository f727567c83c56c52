import Foundation
import OtherPrograms
import RoostCore
import Testing

extension ProcessTests {
    @Suite("Traces", .serialized, .timeLimit(.minutes(4)))
    struct TraceTests {
        private static let traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

        /// Places an order over HTTP and returns its chain.
        private static func place(
            _ order: TestOrder, _ cluster: ClusterUnderTest, traceparent: String? = nil
        ) throws -> String {
            let response = try GatewayClient(cluster: cluster).post(
                order.body, key: order.commandID, traceparent: traceparent)
            return try #require(try response.decode(SentReport.self).correlationID)
        }

        /// Waits until a chain is whole and everybody who handles its events was seen doing it.
        private static func observed(_ id: String, _ cluster: ClusterUnderTest) throws -> TraceReport {
            var last: TraceReport?
            try eventually("chain \(id) observed") {
                let trace = try cluster.trace(id)
                last = trace
                return trace.isWhole
                    && trace.events.allSatisfy { event in
                        Set(event.handled?.map(\.process) ?? []).isSuperset(of: event.appliedBy + [event.process ?? ""])
                    }
            }
            return try #require(last)
        }

        @Test("A client's own traceparent goes with the whole chain, whose correlation ID stays Roost's")
        func ownTraceparent() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                var random = SeededOrders("parent")
                let id = try Self.place(random.next(), cluster, traceparent: Self.traceparent)
                try cluster.waitUntilCaughtUp()
                let trace = try cluster.trace(id)
                #expect(trace.isWhole && trace.events.count > 3)
                #expect(trace.events.allSatisfy { $0.traceparent == Self.traceparent })
                #expect(trace.findings?.isEmpty == true && trace.rejected?.isEmpty == true)
            }
        }

        @Test("Everybody who stores, applies or handles an event is seen doing it, and a rebuild adds nothing")
        func observed() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                var random = SeededOrders("seen")
                let id = try Self.place(random.next(), cluster)
                let trace = try Self.observed(id, cluster)
                for event in trace.events {
                    let handled = try #require(event.handled)
                    #expect(handled.filter { $0.work == "store" }.map(\.process) == [event.process])
                    #expect(handled.allSatisfy { $0.startedAt <= $0.endedAt })
                }
                let reactions = trace.events.compactMap { $0.handled?.first { $0.work == "react" } }
                #expect(reactions.allSatisfy { $0.process == "fulfilment" } && reactions.count >= 3)
                for projection in ["dashboard", "traces"] {
                    let rebuilt = try cluster.roost("rebuild", projection, "--swap", "--json").expecting(0)
                        .document(RebuildReport.self)
                    #expect(rebuilt.verdict == "equal")
                }
                try cluster.waitUntilCaughtUp()
                let again = try Self.observed(id, cluster)
                #expect(again.events.map { Set($0.handled ?? []) } == trace.events.map { Set($0.handled ?? []) })
                let order = random.next()
                #expect(
                    try Self.observed(Self.place(order, cluster), cluster).isWhole, "observing goes on after a swap")
            }
        }

        @Test("A chain is whole although a writer was away, a reactor sent again and a writer was killed in between")
        func retries() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                var random = SeededOrders("away")
                try cluster.roost("stop", "stock-0").expecting(0)
                let id = try Self.place(random.next(), cluster)
                try eventually("the reactor waits for stock-0") {
                    try cluster.process("fulfilment").waitingFor?.contains("commands to partition") == true
                        || cluster.process("fulfilment").waitingFor?.contains("command to partition") == true
                }
                for writer in ["orders-0", "orders-1"] {
                    let pid = try #require(try cluster.process(writer).pid)
                    try #require(kill(pid, SIGKILL) == 0)
                    try cluster.wait("is back", for: writer) { $0.restarts == 1 && $0.ready }
                }
                try cluster.roost("start", "stock-0").expecting(0)
                try cluster.waitUntilCaughtUp()
                let trace = try Self.observed(id, cluster)
                let shipped = try #require(trace.events.first { $0.type == "OrderShipped" })
                let reaction = try #require(shipped.handled?.first { $0.work == "react" })
                #expect(reaction.retries > 0)
                #expect(trace.findings?.isEmpty == true)
                try cluster.roost("contracts", "check").expecting(0)
            }
        }

        @Test("An imported chain keeps its own times, and a chain in an archive reads as it did before")
        func importedAndArchived() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                var random = SeededOrders("past")
                let order = random.next()
                let line = order.loadLine.replacing(
                    "{\"command\"", with: #"{"occurredAt":"2011-01-05T10:00:00Z","command""#)
                let file = cluster.files + "/past.ndjson"
                try Data(line.utf8).write(to: URL(fileURLWithPath: file))
                try cluster.roost("load", file).expecting(0)
                let other = try Self.place(random.next(), cluster)
                try cluster.waitUntilCaughtUp()
                let trace = try cluster.trace(order.commandID)
                #expect(trace.isWhole && trace.events.allSatisfy { $0.occurredAt == "2011-01-05T10:00:00Z" })
                let before = try [order.commandID, other].map { try cluster.trace($0).events.map(\.eventID) }
                let now = Timestamp(nanoseconds: Int64(Date().timeIntervalSince1970 * 1e9)).description
                try cluster.roost("archive", "--before", now, "--to", cluster.files + "/cold").expecting(0)
                let after = try [order.commandID, other].map { try cluster.trace($0) }
                #expect(after.map { $0.events.map(\.eventID) } == before && after.allSatisfy(\.isWhole))
                try cluster.expectEveryChainIndexed(try LogFold(cluster))
            }
        }

        @Test("A refused command is told by its ID, by its chain, and beside the event that led to it")
        func refused() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                let chain = "0123456789abcdef0123456789abcdef"
                try cluster.roost(
                    "send", "CancelOrder", #"{"reason":"no"}"#, "--to", "order/nobody", "--correlation", chain,
                    "--command-id", "cancel-1"
                ).expecting(2)
                try eventually("the refusal is known") {
                    try cluster.roost("trace", "cancel-1").expecting(4).errors.contains("was refused")
                }
                let error = try cluster.roost("trace", chain).expecting(4).errors
                #expect(error.contains("CancelOrder to order/nobody was refused"), "\(error)")
                #expect(error.contains("next: roost state order/nobody"), "\(error)")
            }
        }

        @Test("Watched while it grows, a chain is shown until its last event, as lines of JSON or as a tree")
        func follow() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                var random = SeededOrders("follow")
                let first = random.next()
                let id = try Self.place(first, cluster)
                let json = try cluster.begin(["trace", id, "--follow", "--json"])
                let text = try cluster.begin(["trace", id, "--follow"])
                defer {
                    json.end()
                    text.end()
                }
                try cluster.waitUntilCaughtUp()
                let events = try cluster.trace(id).events.count
                try eventually("all events are followed") {
                    json.outputNow.split(separator: "\n").count == events
                        && text.outputNow.contains("InventoryDecremented") && text.outputNow.contains("complete")
                }
            }
        }

        @Test(
            "A collector of OpenTelemetry gets a span for every event once, in the chain's trace, also across a restart"
        )
        func telemetry() async throws {
            let collector = try CollectorServer()
            let environment = ["traces": ["OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint]]
            let (events, chains) = try ClusterUnderTest.with(.shop(environment: environment)) { cluster in
                var random = SeededOrders("spans")
                var chains: Set<String> = []
                var sent: Int64 = 0
                for _ in 0..<2 {
                    chains.insert(try Self.place(random.next(), cluster))
                    try cluster.waitUntilCaughtUp()
                    let events = try LogFold(cluster).events
                    try cluster.wait("sent \(events) spans", for: "traces") {
                        sent + $0.counters["otlp.sent", default: 0] == Int64(events)
                    }
                    sent = Int64(events)
                    try cluster.roost("restart", "traces").expecting(0)
                    try cluster.wait("is back", for: "traces") { $0.ready }
                }
                return (try LogFold(cluster).events, chains)
            }
            let spans = try await collector.report(spans: events).spans
            #expect(spans.count == events && Set(spans.map(\.span)).count == events)
            #expect(Set(spans.map(\.trace)) == Set(chains.map { $0.replacing("-", with: "") }))
            #expect(spans.contains { $0.service == "stock-0" } && spans.allSatisfy { $0.cluster == "shop" })
            let known = Set(spans.map(\.span))
            #expect(spans.count { $0.parent.isEmpty } == 2)
            #expect(spans.allSatisfy { $0.parent.isEmpty || known.contains($0.parent) })
        }

        private struct Live: Document {
            static let schemaName = "roost.contracts-live/1"
            let schema: String
            let ok: Bool
            let pending: Int
        }

        @Test("The running cluster checks its chains, and says so when nobody does")
        func live() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                var random = SeededOrders("live")
                _ = try Self.place(random.next(), cluster)
                try cluster.waitUntilCaughtUp()
                try eventually("the chain is checked") {
                    let live = try cluster.roost("contracts", "live", "--json").expecting(0).document(Live.self)
                    return try live.ok && live.pending == 0
                        && cluster.process("traces").counters["contracts.behind"] == 0
                }
                // An effect that nobody asked for: it has no cause.
                try cluster.roost(
                    "send", "DecrementInventory", #"{"order":"order/1","line":1,"quantity":1}"#, "--to", "stock/S1"
                ).expecting(0)
                try eventually("the orphan is found") {
                    try cluster.roost("contracts", "live").exitCode == 2
                }
                let text = try cluster.roost("contracts", "live").expecting(2).output
                #expect(text.contains("orphan") && text.contains("roost trace"), "\(text)")
                try cluster.roost("stop", "traces").expecting(0)
                let error = try cluster.roost("contracts", "live").expecting(5).errors
                #expect(error.contains("is stopped") && error.contains("roost contracts check"), "\(error)")
            }
        }
    }
}
