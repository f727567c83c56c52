import Foundation
import Testing

extension ProcessTests {
    @Suite("TCP with CURVE", .serialized, .timeLimit(.minutes(3)))
    struct CurveTests {
        @Test("Over TCP everything works as over files: commands, reactor, projections, rebuild; ports are kept")
        func worksAlike() throws {
            try ClusterUnderTest.with(.shop(transport: "tcp")) { cluster in
                let endpoints = try Self.endpoints(cluster)
                // Two for each of three writers, and the replay node's.
                #expect(endpoints.count == 7 && Set(endpoints).count == 7, "\(endpoints)")
                var source = SeededOrders("tcp")
                let orders = source.next(100)
                try cluster.load(orders, name: "tcp")
                try cluster.expectNothingLostNothingTwice(orders)
                try cluster.roost("rebuild", "search").expecting(0)
                try cluster.down()
                try cluster.up()
                #expect(try Self.endpoints(cluster) == endpoints)
            }
        }

        @Test("A key that is taken off the list is locked out at the next start; a broken key file is named in ps")
        func lockedOut() throws {
            try ClusterUnderTest.with(.shop(transport: "tcp")) { cluster in
                let (list, order) = (cluster.directory + "/keys/allowed", #"{"address":{"country":"France"}}"#)
                let register = ["send", "RegisterCustomer", order, "--to", "customer/1", "--timeout", "2s", "--json"]
                let lines = try String(contentsOfFile: list, encoding: .utf8)
                let others = lines.split(separator: "\n").filter { !$0.hasSuffix(" _command-line") }
                try Data((others.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: list))
                try cluster.roost("restart", "orders").expecting(0)
                for name in ["orders-0", "orders-1"] { try cluster.wait("ready", for: name) { $0.ready } }
                let refused = try cluster.begin(register).finish(within: .seconds(30)).expecting(1)
                #expect(try refused.document(SentReport.self).outcome == "unavailable")
                try Data(lines.utf8).write(to: URL(fileURLWithPath: list))
                try Data("short\n".utf8).write(to: URL(fileURLWithPath: cluster.directory + "/keys/search.key"))
                try cluster.roost("restart", "orders").expecting(0)
                let reason = try cluster.roost("restart", "search").expecting(1).errors
                #expect(reason.contains("search.key holds no CURVE key"), "\(reason)")
                for name in ["orders-0", "orders-1"] { try cluster.wait("ready", for: name) { $0.ready } }
                try cluster.begin(register).finish(within: .seconds(30)).expecting(0)
                #expect(try cluster.process("search").state == "failed")
            }
        }

        private static func endpoints(_ cluster: ClusterUnderTest) throws -> [String] {
            try cluster.ps().processes.flatMap(\.endpoints).filter { $0.hasPrefix("tcp://127.0.0.1:") }
        }
    }
}
