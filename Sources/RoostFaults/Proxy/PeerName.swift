import Foundation
import RoostCluster

/// Who is at the other end of an accepted connection: the operating system knows the process, its command line the name.
enum PeerName {
    /// The name of an instance or of a task; `command-line` for everybody else.
    static func of(_ descriptor: Int32) -> String {
        guard let pid = localPeer(descriptor) ?? loopbackPeer(descriptor) else { return FaultSpec.commandLine }
        let words = text(of: "/proc/\(pid)/cmdline").split(separator: "\0").map(String.init)
        guard let index = words.firstIndex(of: "_process"), index + 1 < words.count else {
            return FaultSpec.commandLine
        }
        return words[index + 1]
    }

    /// The process at the other end of a socket that is a file.
    private static func localPeer(_ descriptor: Int32) -> Int32? {
        var credentials: [Int32] = [0, 0, 0]
        var length = socklen_t(MemoryLayout<Int32>.size * 3)
        guard getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0, credentials[0] > 0 else {
            return nil
        }
        return credentials[0]
    }

    /// The process at the other end of a connection within this machine: the one that has the other socket open.
    private static func loopbackPeer(_ descriptor: Int32) -> Int32? {
        guard let peer = end({ getpeername(descriptor, $0, $1) }), let own = end({ getsockname(descriptor, $0, $1) })
        else { return nil }
        let rows = text(of: "/proc/net/tcp").split(separator: "\n").dropFirst().map { $0.split(separator: " ") }
        // A port may be in use more than once, to different places, and remembered for a while after its end.
        let row = rows.first { $0.count > 9 && $0[1] == peer && $0[2] == own && $0[9] != "0" }
        return row.flatMap { owner(of: "socket:[\($0[9])]") }
    }

    /// One end of a TCP connection as the system's table shows it; nil for other sockets.
    private static func end(
        _ call: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> String? {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isKnown = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { call($0, &length) == 0 }
        }
        guard isKnown, Int32(address.sin_family) == AF_INET else { return nil }
        let port = UInt16(bigEndian: address.sin_port)
        return hexadecimal(address.sin_addr.s_addr, 8) + ":" + hexadecimal(port, 4)
    }

    private static func hexadecimal(_ number: some FixedWidthInteger, _ width: Int) -> String {
        let digits = String(number, radix: 16, uppercase: true)
        return String(repeating: "0", count: width - digits.count) + digits
    }

    /// Read to its end: Foundation stops after a page of a file that has no size.
    private static func text(of path: String) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += buffer.prefix(count)
        }
    }

    private static func owner(of link: String) -> Int32? {
        names(in: "/proc").compactMap { Int32($0) }.first { pid in
            names(in: "/proc/\(pid)/fd").contains { name in
                var buffer = [CChar](repeating: 0, count: 64)
                let count = readlink("/proc/\(pid)/fd/\(name)", &buffer, buffer.count)
                guard count > 0 else { return false }
                return String(decoding: buffer.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self) == link
            }
        }
    }

    private static func names(in directory: String) -> [String] {
        do { return try FileManager.default.contentsOfDirectory(atPath: directory) } catch { return [] }
    }
}
