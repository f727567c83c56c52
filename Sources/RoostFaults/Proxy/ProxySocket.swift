import Glibc

/// Stream sockets at the addresses that ZeroMQ has: `ipc://PATH`, `tcp://127.0.0.1:PORT`.
enum ProxySocket {
    /// Never waits. A file left over at a path is replaced.
    static func listen(at address: String) throws(ProxyError) -> Int32 {
        try make(address, "bind") { descriptor, socket, length in
            var on: Int32 = 1
            setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
            if let path = path(address) { unlink(path) }
            return bind(descriptor, socket, length) == 0 && Glibc.listen(descriptor, 128) == 0
        }
    }

    /// Does not wait for longer than this machine needs to say yes or no.
    static func connect(to address: String) throws(ProxyError) -> Int32 {
        try make(address, "connect") { Glibc.connect($0, $1, $2) == 0 }
    }

    /// nil when nobody waits.
    static func accept(_ listener: Int32) -> Int32? {
        let descriptor = Glibc.accept(listener, nil, nil)
        guard descriptor >= 0 else { return nil }
        prepare(descriptor)
        return descriptor
    }

    private static func prepare(_ descriptor: Int32) {
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        var on: Int32 = 1
        // Of no effect on a socket that is a file.
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    private static func path(_ address: String) -> String? {
        address.hasPrefix("ipc://") ? String(address.dropFirst(6)) : nil
    }

    private static func make(
        _ address: String, _ call: String, _ body: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Bool
    ) throws(ProxyError) -> Int32 {
        let family = path(address) == nil ? AF_INET : AF_UNIX
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw ProxyError(call: "socket", address: address) }
        let isDone = withAddress(address) { body(descriptor, $0, $1) }
        guard isDone else {
            let error = ProxyError(call: call, address: address)
            close(descriptor)
            throw error
        }
        prepare(descriptor)
        return descriptor
    }

    private static func withAddress(_ address: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Bool) -> Bool {
        guard let path = path(address) else {
            guard let colon = address.lastIndex(of: ":"), let port = UInt16(address[address.index(after: colon)...])
            else {
                errno = EINVAL
                return false
            }
            var socket = sockaddr_in()
            socket.sin_family = sa_family_t(AF_INET)
            socket.sin_port = port.bigEndian
            socket.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            return rebound(&socket, body)
        }
        var socket = sockaddr_un()
        socket.sun_family = sa_family_t(AF_UNIX)
        guard path.utf8.count < MemoryLayout.size(ofValue: socket.sun_path) else {
            errno = ENAMETOOLONG
            return false
        }
        withUnsafeMutableBytes(of: &socket.sun_path) { $0.copyBytes(from: path.utf8) }
        return rebound(&socket, body)
    }

    private static func rebound<Address>(
        _ address: inout Address, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Bool
    ) -> Bool {
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<Address>.size))
            }
        }
    }
}

/// A system call of the proxy that failed.
struct ProxyError: Error, CustomStringConvertible {
    let call: String
    let address: String
    let code = errno

    var description: String { "\(call) of \(address): \(String(cString: strerror(code)))" }
}
