import Foundation
import RoostCluster
import RoostCore
import RoostZeroMQ
import Testing

extension ProcessTests {
    @Suite("TCP with CURVE", .serialized, .timeLimit(.minutes(3)))
    struct CurveTests {
        @Test("Over TCP everything works as over files: commands, reactor, projections, rebuild; ports are kept")
        func worksAlike() throws {
            try ClusterUnderTest.with(.shop(transport: "tcp")) { cluster in
                let endpoints = try Self.endpoints(cluster)
                // Two for each of three writers, the replay node's, the feed's and that of the trace index.
                #expect(endpoints.count == 9 && Set(endpoints).count == 9, "\(endpoints)")
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
                let answer = try refused.document(SentReport.self)
                #expect(answer.outcome == "unavailable" && answer.code == "keyRefused")
                try Data(lines.utf8).write(to: URL(fileURLWithPath: list))
                try Data("short\n".utf8).write(to: URL(fileURLWithPath: cluster.directory + "/keys/search.key"))
                try cluster.roost("restart", "orders").expecting(0)
                let reason = try cluster.roost("restart", "search").expecting(1).errors
                #expect(reason.contains("search.key holds no CURVE key"), "\(reason)")
                for name in ["orders-0", "orders-1"] { try cluster.wait("ready", for: name) { $0.ready } }
                try cluster.begin(register).finish(within: .seconds(30)).expecting(0)
                let search = try cluster.process("search")
                #expect(search.state == "failed")
                #expect(search.lastExit?.reason.contains("search.key holds no CURVE key") == true)
            }
        }

        @Test("A listed peer that sends nonsense over TCP changes nothing, ends nobody and is counted")
        func listedNonsense() throws {
            try ClusterUnderTest.with(.shop(transport: "tcp")) { cluster in
                let before = try cluster.ps()
                let security = try ClusterKeys(path: cluster.directory + "/keys").client("search")
                let peer = Nonsense(security)
                for endpoint in try Self.endpoints(cluster) { peer.connect(endpoint) }
                for _ in 0..<15 {
                    peer.send()
                    usleep(20_000)
                }
                peer.close()
                for name in ["orders-0", "orders-1", "stock-0", "replay"] {
                    try cluster.wait("counted nonsense", for: name) { $0.counters["refused.malformed", default: 0] > 0 }
                }
                var source = SeededOrders("nonsense")
                let orders = source.next(20)
                try cluster.load(orders, name: "nonsense")
                try cluster.expectNothingLostNothingTwice(orders)
                #expect(try cluster.ps().processes.map(\.pid) == before.processes.map(\.pid))
            }
        }

        private static func endpoints(_ cluster: ClusterUnderTest) throws -> [String] {
            try cluster.ps().processes.flatMap(\.endpoints).filter { $0.hasPrefix("tcp://127.0.0.1:") }
        }
    }
}

/// A peer that is let in and sends bytes without sense.
private final class Nonsense: @unchecked Sendable {
    // @unchecked: `sockets` and `random` are touched on the thread alone.
    private let thread = SocketThread(name: "nonsense")
    private let security: SocketSecurity
    private var sockets: [Socket] = []
    private var random = SeededRandom(seed: Seed.current)

    init(_ security: SocketSecurity) { self.security = security }

    func connect(_ endpoint: String) {
        onThread {
            var options = SocketOptions()
            options.security = self.security
            let socket = try Socket(.dealer, on: self.thread, options: options)
            self.sockets.append(socket)
            try socket.connect(endpoint)
        }
    }

    /// To each socket that is connected by now; a publisher never is to one that sends.
    func send() {
        onThread {
            for socket in self.sockets {
                for _ in 0..<100 { _ = try socket.send([self.noise(), self.noise()]) }
            }
        }
    }

    func close() {
        onThread { for socket in self.sockets { socket.close() } }
        thread.shutdown()
    }

    private func noise() -> Bytes { Bytes((0..<200).map { _ in UInt8.random(in: 0...255, using: &random) }) }

    private func onThread(_ body: @escaping @Sendable () throws -> Void) {
        thread.perform {
            do { try body() } catch { Issue.record(error) }
        }
    }
}
