import Foundation
import Testing

extension ProcessTests {
    @Suite("Snapshots", .serialized, .timeLimit(.minutes(2)))
    struct SnapshotTests {
        private struct Snapshots: Document {
            struct Entry: Decodable, Sendable {
                let stream: String
                let version: Int
                let isUsable: Bool
            }

            static let schemaName = "roost.snapshots/1"
            let schema: String
            let snapshots: [Entry]
        }

        @Test("A stream that has a snapshot has the same state after a restart, and knows old commands")
        func restart() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                let lines = (1...250).map {
                    #"{"command":"ReceiveStock","to":"stock/S","commandID":"receive-\#($0)","data":{"quantity":2}}"#
                }
                let file = cluster.files + "/stock.ndjson"
                try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: file))
                try cluster.roost("load", file).expecting(0)
                var made: Snapshots.Entry?
                try eventually("a snapshot of stock/S") {
                    made = try cluster.roost("snapshots", "stock/S", "--json").expecting(0)
                        .document(Snapshots.self).snapshots.first
                    return made?.version ?? 0 >= 200
                }
                #expect(made?.isUsable == true)
                try cluster.roost("restart", "stock").expecting(0)
                try cluster.roost("wait", "--for", "ready").expecting(0)
                let again = try cluster.roost(
                    "send", "ReceiveStock", #"{"quantity":2}"#, "--to", "stock/S", "--command-id", "receive-7", "--json"
                )
                #expect(try again.expecting(0).document(SentReport.self).version == 7)
                let next = try cluster.roost("send", "ReceiveStock", #"{"quantity":3}"#, "--to", "stock/S", "--json")
                #expect(try next.expecting(0).document(SentReport.self).version == 251)
                let state = try cluster.roost("state", "stock/S").expecting(0).output
                #expect(state.contains(#""level": 503"#), "\(state)")
                try cluster.roost("log", "verify").expecting(0)
            }
        }
    }
}
