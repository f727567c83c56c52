import Foundation

/// A stream socket without any protocol on top.
final class RawConnection {
    private let descriptor: Int32

    /// Connects to `ipc://PATH`, `http://127.0.0.1:PORT` or a path.
    init(_ endpoint: String) throws {
        if endpoint.hasPrefix("http://") || endpoint.hasPrefix("tcp://") {
            let port = endpoint.split(separator: ":").last.flatMap { UInt16($0.prefix { $0.isNumber }) }
            descriptor = try Self.connectLoopback(port ?? 0)
        } else {
            descriptor = try Self.connectPath(endpoint.replacing("ipc://", with: ""))
        }
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        let bytes = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, bytes)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, bytes)
    }

    deinit { close(descriptor) }

    /// Sends as much as the other side takes: it may hang up on nonsense.
    func send(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    /// No more will be sent.
    func finish() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// The next bytes; empty when the other side has closed, or says nothing for long.
    func receive() -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return Array(buffer.prefix(max(0, count)))
    }

    /// Everything until the other side closes.
    func receiveAll() -> [UInt8] {
        var all: [UInt8] = []
        while true {
            let bytes = receive()
            guard !bytes.isEmpty else { return all }
            all += bytes
        }
    }

    private static func connectPath(_ path: String) throws -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        return try connect(AF_UNIX, &address, path)
    }

    private static func connectLoopback(_ port: UInt16) throws -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return try connect(AF_INET, &address, "port \(port)")
    }

    private static func connect<Address>(_ family: Int32, _ address: inout Address, _ name: String) throws -> Int32 {
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Foundation.connect(descriptor, $0, socklen_t(MemoryLayout<Address>.size))
            }
        }
        guard result == 0 else {
            close(descriptor)
            throw TestFailure("cannot connect to \(name): \(String(cString: strerror(errno)))")
        }
        return descriptor
    }
}
