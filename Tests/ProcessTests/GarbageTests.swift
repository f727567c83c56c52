import Foundation
import RoostCore
import Testing

extension ProcessTests {
    @Suite("Garbage", .serialized, .timeLimit(.minutes(3)))
    struct GarbageTests {
        @Test(
            "Bytes and frames without sense at every bound socket change nothing and end nobody",
            arguments: [("ipc", false), ("tcp", false), ("ipc", true), ("tcp", true)])
        func everySocket(_ transport: String, _ hasProxy: Bool) throws {
            try ClusterUnderTest.with(.shop(transport: transport), allowsFaults: hasProxy) { cluster in
                var random = SeededRandom(seed: Seed.current)
                let before = try cluster.ps()
                let endpoints = before.processes.flatMap(\.endpoints) + [cluster.directory + "/run/control.sock"]
                // Two for each of three writers, replay, gateway, supervisor.
                try #require(endpoints.count >= 9, "\(endpoints)")
                let held = try endpoints.flatMap { try attack($0, &random) }
                let orders = SeededOrders("garbage").first(50)
                try cluster.load(orders, name: "garbage")
                try cluster.expectNothingLostNothingTwice(orders)
                withExtendedLifetime(held) {}
                let after = try cluster.ps()
                #expect(after.processes.map(\.pid) == before.processes.map(\.pid))
                try expectRefusals(cluster, transport == "tcp" ? "refused.unauthenticated" : "refused.malformed")
            }
        }

        /// Connections that are still open: a peer that stays is worse than one that goes.
        private func attack(_ endpoint: String, _ random: inout SeededRandom) throws -> [RawConnection] {
            let noise = try RawConnection(endpoint)
            noise.send(Self.noise(100_000, &random))
            let silent = try RawConnection(endpoint)
            let short = try RawConnection(endpoint)
            short.send(Self.noise(7, &random))
            short.finish()
            guard !endpoint.hasPrefix("http://"), !endpoint.hasSuffix("control.sock") else {
                return [noise, silent, short]
            }
            let peer = try RawConnection(endpoint)
            let type = endpoint.contains(".events.") ? "SUB" : "DEALER"
            peer.send(ZMTP.greeting + ZMTP.ready(type))
            // Whoever sends before the other side has said READY too is cut off, and its messages are never seen.
            var answer = 0
            while answer <= ZMTP.greeting.count {
                let bytes = peer.receive()
                guard !bytes.isEmpty else { break }
                answer += bytes.count
            }
            for _ in 0..<200 { peer.send(ZMTP.message((0..<3).map { _ in Self.noise(40, &random) })) }
            peer.send(ZMTP.message([[], Array("RSTC".utf8), Self.noise(5000, &random)]))
            let liar = try RawConnection(endpoint)
            liar.send(ZMTP.greeting + ZMTP.ready(type) + ZMTP.frameHead(bytes: 1 << 40) + Self.noise(1000, &random))
            return [noise, silent, short, peer, liar]
        }

        private static func noise(_ count: Int, _ random: inout SeededRandom) -> [UInt8] {
            (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
        }

        /// What the writers could not understand, or did not let in, they counted.
        private func expectRefusals(_ cluster: ClusterUnderTest, _ reason: String) throws {
            for name in ["orders-0", "orders-1", "stock-0"] {
                try cluster.wait("counted refusals", for: name) { $0.counters[reason, default: 0] > 0 }
            }
        }
    }
}

extension SeededOrders {
    fileprivate func first(_ count: Int) -> [TestOrder] {
        var copy = self
        return copy.next(count)
    }
}

/// Enough of ZeroMQ's transport protocol 3.0 to be let in.
private enum ZMTP {
    static let greeting: [UInt8] =
        [0xFF] + [UInt8](repeating: 0, count: 8) + [0x7F, 3, 0] + Array("NULL".utf8)
        + [UInt8](repeating: 0, count: 16 + 32)

    static func ready(_ socketType: String) -> [UInt8] {
        let property = "Socket-Type"
        let body =
            [5] + Array("READY".utf8) + [UInt8(property.utf8.count)] + Array(property.utf8)
            + [0, 0, 0, UInt8(socketType.utf8.count)] + Array(socketType.utf8)
        return [4, UInt8(body.count)] + body
    }

    static func message(_ frames: [[UInt8]]) -> [UInt8] {
        frames.enumerated().flatMap { index, frame in
            frameHead(bytes: frame.count, hasMore: index + 1 < frames.count) + frame
        }
    }

    /// The head of a long frame.
    static func frameHead(bytes: Int, hasMore: Bool = false) -> [UInt8] {
        let count = UInt64(bytes)
        return [hasMore ? 3 : 2] + (0..<8).reversed().map { UInt8(truncatingIfNeeded: count >> ($0 * 8)) }
    }
}
