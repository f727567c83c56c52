import Foundation
import Testing

extension ProcessTests {
    @Suite("Port", .serialized, .timeLimit(.minutes(2)))
    struct PortTests {
        @Test("A gateway whose port is taken says so and what to do, and everything but HTTP works")
        func busyPort() throws {
            let (listener, port) = try Self.listen()
            defer { close(listener) }
            let topology = try TestTopology.tiny(environment: ["gateway": ["ROOST_GATEWAY_PORT": "\(port)"]])
            try ClusterUnderTest.with(topology, isStarted: false) { cluster in
                let up = try cluster.roost("up", cluster.topologyFile, "-d", "--wait", "--timeout", "5s")
                #expect(up.exitCode == 3 && up.errors.contains("gateway"), "\(up)")
                let gateway = try cluster.wait("told why", for: "gateway") { $0.lastExit != nil }
                #expect(gateway.lastExit?.reason.contains("port \(port)") == true, "\(gateway)")
                #expect(try cluster.ps().processes.allSatisfy { $0.name == "gateway" || $0.ready })
                var random = SeededOrders("port")
                let orders = random.next(20)
                try cluster.load(orders, name: "orders")
                try cluster.expectNothingLostNothingTwice(orders)
            }
        }

        /// A listening socket of this process, and its port.
        private static func listen() throws -> (Int32, UInt16) {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            var bytes = socklen_t(MemoryLayout<sockaddr_in>.size)
            let result = withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, bytes) == 0 && Foundation.listen(descriptor, 1) == 0
                        && getsockname(descriptor, $0, &bytes) == 0
                }
            }
            try #require(result)
            return (descriptor, UInt16(bigEndian: address.sin_port))
        }
    }
}
