import Foundation
import RoostCluster
import RoostCore
import RoostLog
import RoostLogSQLite
import Testing

extension ProcessTests {
    @Suite("Stored shapes of events", .serialized, .timeLimit(.minutes(2)))
    struct SchemaTests {
        private struct Schema: Document {
            struct Kind: Decodable, Sendable {
                let type: String
                let schemaVersion: Int
                let count: Int
                let problem: String?
            }

            static let schemaName = "roost.schema/1"
            let schema: String
            let kinds: [Kind]
            let ok: Bool
        }

        private static let prepaid = """
            {"order":"order/old","customer":"customer/1","address":{"country":"France"},"lines":\
            [{"number":1,"sku":"A","description":"LANTERN","quantity":2,"unitPrice":100}],"total":200,"prepaid":true}
            """

        @Test("Case 15: Upcasters run for commands, projections, rebuilds, the past and archives")
        func oldEvents() async throws {
            let home = try await OldLog.home("OrderPlaced", version: 1, Self.prepaid, in: "order/old")
            defer { #expect(throws: Never.self) { try FileManager.default.removeItem(atPath: home) } }
            try ClusterUnderTest.with(.shop(), home: home) { cluster in
                try cluster.waitUntilCaughtUp()
                let history = try cluster.roost("history", "order/old", "--field", "status").expecting(0).output
                #expect(history.contains("nothing → paid") && history.contains("paid → shipped"), "\(history)")
                let again = try cluster.roost("send", "ShipOrder", "{}", "--to", "order/old").expecting(2)
                #expect(again.output.contains("has been shipped already"), "\(again.output)")
                let sums = try cluster.roost("query", "dashboard", "revenue").expecting(0).output
                #expect(sums.contains("200"), "\(sums)")
                try cluster.roost("rebuild", "analytics").expecting(0)
                try cluster.roost("rebuild", "dashboard").expecting(0)
                let schema = try cluster.roost("schema", "check", "--every", "--json").expecting(0)
                    .document(Schema.self)
                #expect(schema.ok && schema.kinds.contains { $0.type == "OrderPlaced" && $0.schemaVersion == 1 })
                try cluster.expectBalance()
                try Self.expectAlikeFromArchive(cluster, history)
            }
        }

        /// The old event lies in an archive only, and reads as before.
        private static func expectAlikeFromArchive(_ cluster: ClusterUnderTest, _ history: String) throws {
            let now = Timestamp(nanoseconds: Int64(Date().timeIntervalSince1970 * 1e9)).description
            try cluster.roost("archive", "--before", now, "--to", cluster.files + "/cold").expecting(0)
            try cluster.roost("restart", "orders").expecting(0)
            let again = try cluster.roost("send", "ShipOrder", "{}", "--to", "order/old").expecting(2)
            #expect(again.output.contains("has been shipped already"), "\(again.output)")
            #expect(try cluster.roost("history", "order/old", "--field", "status").expecting(0).output == history)
            for name in ["dashboard", "analytics", "search"] { try cluster.rebuild(name, "--swap") }
            let sums = try cluster.roost("query", "dashboard", "revenue").expecting(0).output
            #expect(sums.contains("200"), "\(sums)")
            try cluster.expectBalance()
        }

        @Test("A cluster does not start on events that nothing can read, and says which")
        func stranded() async throws {
            let home = try await OldLog.home("OrderSplit", version: 1, "{}", in: "order/split")
            defer { #expect(throws: Never.self) { try FileManager.default.removeItem(atPath: home) } }
            try ClusterUnderTest.with(.shop(), home: home, isStarted: false) { cluster in
                let refused = try cluster.roost("up", cluster.topologyFile, "-d", "--wait").expecting(78)
                #expect(refused.errors.contains("OrderSplit version 1"), "\(refused.errors)")
                #expect(refused.errors.contains("roost schema check"), "\(refused.errors)")
                let check = try cluster.roost("schema", "check").expecting(2).output
                #expect(check.contains("OrderSplit") && check.contains("unreadable"), "\(check)")
                try cluster.roost("log", "verify").expecting(0)
            }
        }
    }
}
