import Foundation
import Testing

extension ProcessTests {
    @Suite("Bad commands", .serialized, .timeLimit(.minutes(3)))
    struct BadCommandTests {
        @Test("Commands that cannot be meant are refused with what to do next, and the cluster goes on")
        func refused() throws {
            try ClusterUnderTest.with(.tiny()) { cluster in
                try overCommandLine(cluster)
                try overHTTP(cluster)
                try inFile(cluster)
                var orders = SeededOrders("good")
                let order = orders.next()
                try cluster.load([order], name: "good")
                try cluster.expectNothingLostNothingTwice([order])
                #expect(try cluster.ps().restarts.values.allSatisfy { $0 == 0 })
            }
        }

        private static let huge = #"{"text":""# + String(repeating: "x", count: 2 << 20) + #""}"#

        private func overCommandLine(_ cluster: ClusterUnderTest) throws {
            try refuse(["rebuid", "search"], "there is no command 'roost rebuid'; did you mean 'rebuild'?", cluster)
            try refuse(["drill", "rnu"], "there is no command 'roost drill rnu'; did you mean 'run'?", cluster)
            try refuse(["fault", "ad"], "there is no command 'roost fault ad'; did you mean 'add'?", cluster)
            let malformed = try cluster.roost("send", "PlaceOrder", #"{"customer":"#, "--to", "order/1", "--json")
            try malformed.expecting(64)
            let error = try JSONDecoder().decode(ErrorReport.self, from: Data(malformed.errors.utf8))
            #expect(error.code == "malformedJSON" && error.hint != nil)
            try expect("unknownCommand", of: ["send", "PlaceOrdr", "{}", "--to", "order/1"], cluster)
            try expect("unknownCategory", of: ["send", "PlaceOrder", "{}", "--to", "ordr/1"], cluster)
            try expect(nil, of: ["send", "PlaceOrder", "{}", "--to", "order/1"], cluster)
            try Data(Self.huge.utf8).write(to: URL(fileURLWithPath: cluster.files + "/huge.json"))
            let huge = open(cluster.files + "/huge.json", O_RDONLY | O_CLOEXEC)
            defer { close(huge) }
            try expect("payloadTooLarge", of: ["send", "PlaceOrder", "-", "--to", "order/1"], input: huge, cluster)
        }

        private func refuse(_ words: [String], _ message: String, _ cluster: ClusterUnderTest) throws {
            let result = try cluster.begin(words + ["--json"]).finish().expecting(64)
            let error = try JSONDecoder().decode(ErrorReport.self, from: Data(result.errors.utf8))
            #expect(error.code == "usage" && error.message == message && error.hint?.hasSuffix("--help") == true)
        }

        private func expect(
            _ code: String?, of words: [String], input: Int32? = nil, _ cluster: ClusterUnderTest
        ) throws {
            let sent = try cluster.begin(words + ["--json"], input: input).finish().expecting(2)
                .document(SentReport.self)
            #expect(sent.outcome == "rejected" && sent.reason != nil)
            #expect(code == nil || (sent.code == code && sent.next != nil), "\(sent)")
            #expect(sent.events == 0)
        }

        private func overHTTP(_ cluster: ClusterUnderTest) throws {
            let gateway = GatewayClient(cluster: cluster)
            let malformed = try gateway.post(#"{"command":"#)
            #expect(malformed.status == 400)
            #expect(try malformed.decode(ErrorReport.self).code == "malformedJSON")
            let unknown = try gateway.post(#"{"command":"PlaceOrdr","to":"order/1","data":{}}"#)
            #expect(unknown.status == 422)
            #expect(try unknown.decode(SentReport.self).code == "unknownCommand")
            let huge = try gateway.post(#"{"command":"PlaceOrder","to":"order/1","data":\#(Self.huge)}"#)
            #expect(huge.status == 413)
            #expect(try huge.decode(ErrorReport.self).hint != nil)
            #expect(try gateway.post(#"{"command":"PlaceOrder","to":"order/1"}"#, token: "wrong").status == 401)
        }

        private func inFile(_ cluster: ClusterUnderTest) throws {
            let path = cluster.files + "/bad.ndjson"
            let lines = ["{", #"{"command":"PlaceOrder"}"#, #"{"command":"PlaceOrdr","to":"order/1","data":{}}"#]
            try Data(lines.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: path))
            let report = try cluster.roost("load", path, "--json").expecting(0).document(LoadReport.self)
            #expect(report.read == 3 && report.rejected == 3)
        }
    }
}
