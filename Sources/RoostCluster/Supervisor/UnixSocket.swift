import Foundation

/// Stream sockets with a path.
enum UnixSocket {
    /// A listening socket; a file left over at `path` is replaced.
    static func listen(at path: String) throws(SystemCallError) -> Int32 {
        let descriptor = try make(path)
        unlink(path)
        guard withAddress(path, { bind(descriptor, $0, $1) }) == 0, Foundation.listen(descriptor, 16) == 0 else {
            let error = SystemCallError("bind", path)
            close(descriptor)
            throw error
        }
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        return descriptor
    }

    static func connect(to path: String) throws(SystemCallError) -> Int32 {
        let descriptor = try make(path)
        guard withAddress(path, { Foundation.connect(descriptor, $0, $1) }) == 0 else {
            let error = SystemCallError("connect", path)
            close(descriptor)
            throw error
        }
        return descriptor
    }

    /// A read that gets nothing for so long fails with EAGAIN.
    static func limitReading(_ descriptor: Int32, to duration: Duration) {
        let (seconds, attoseconds) = duration.components
        var limit = timeval(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    private static func make(_ path: String) throws(SystemCallError) -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw SystemCallError("socket", path) }
        return descriptor
    }

    private static func withAddress(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else {
            errno = ENAMETOOLONG
            return -1
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
