import Foundation

/// A system call that failed: which, on what, and why.
struct SystemCallError: Error, CustomStringConvertible {
    let call: String
    let path: String
    let code: Int32

    /// Takes `errno` as it is now.
    init(_ call: String, _ path: String) {
        self.call = call
        self.path = path
        code = errno
    }

    var description: String { "\(call) of \(path): \(String(cString: strerror(code)))" }
}

/// Whole files, written so that a reader sees the old text or the new one and never a part.
enum FileText {
    static func writeAll(_ bytes: [UInt8], to descriptor: Int32) throws(SystemCallError) {
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                guard let base = buffer.baseAddress else { return 0 }
                return write(descriptor, base + offset, bytes.count - offset)
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw SystemCallError("write", "descriptor \(descriptor)")
            }
            offset += count
        }
    }

    /// Replaces a file by renaming a new one over it.
    static func replace(_ path: String, with bytes: [UInt8], mode: mode_t) throws(SystemCallError) {
        let temporary = "\(path).new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw SystemCallError("open", temporary) }
        do throws(SystemCallError) {
            try writeAll(bytes, to: descriptor)
        } catch {
            close(descriptor)
            throw error
        }
        close(descriptor)
        guard rename(temporary, path) == 0 else { throw SystemCallError("rename", temporary) }
    }

    /// The bytes of a file; nil when there is none.
    static func contents(of path: String) throws(SystemCallError) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0, errno == ENOENT { return nil }
        guard descriptor >= 0 else { throw SystemCallError("open", path) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw SystemCallError("read", path) }
            guard count > 0 else { return bytes }
            bytes.append(contentsOf: buffer[..<count])
        }
    }

    /// Makes a directory and those above it, and gives it `mode` even when it was there.
    static func makeDirectory(_ path: String, mode: mode_t) throws(SystemCallError) {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw SystemCallError("mkdir", path)
        }
        guard chmod(path, mode) == 0 else { throw SystemCallError("chmod", path) }
    }
}
