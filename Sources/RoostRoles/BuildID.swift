import Crypto
import Foundation
import RoostCore
import RoostJSON
import RoostNode

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Which build runs: the SHA-256 of the executable, hexadecimal.
package enum BuildID {
    /// Of what runs, also when the file was replaced since.
    package static func current() throws -> String { try digest(of: executable) }

    /// The same, from the file `memory` where it was found before: the executable has not changed as long as it is the very same
    /// file.
    static func remembered(in memory: String) throws -> String {
        let identity = try FileIdentity(of: executable)
        if let known = Known.read(memory), known.file == identity { return known.build }
        let build = try current()
        Known(file: identity, build: build).keep(in: memory)
        return build
    }

    private static var executable: String {
        FileManager.default.fileExists(atPath: "/proc/self/exe") ? "/proc/self/exe" : CommandLine.arguments[0]
    }

    private static func digest(of path: String) throws -> String {
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        defer { closeQuietly(file) }
        var hash = SHA256()
        while let chunk = try file.read(upToCount: 1 << 20), !chunk.isEmpty { hash.update(data: chunk) }
        return Hexadecimal.text(Array(hash.finalize()))
    }

    /// Nothing was written.
    private static func closeQuietly(_ file: FileHandle) { do { try file.close() } catch { return } }

    /// What was found before.
    private struct Known: Codable {
        let file: FileIdentity
        let build: String

        /// nil where nothing was, or by another version of Roost.
        static func read(_ path: String) -> Known? {
            guard let data = FileManager.default.contents(atPath: path) else { return nil }
            do { return try JSONPayloadDecoder().decode(Known.self, from: Array(data)) } catch { return nil }
        }

        /// A full disk keeps nothing: then it is found again.
        func keep(in path: String) {
            do {
                try Data(JSONPayloadEncoder().bytes(self)).write(to: URL(fileURLWithPath: path), options: .atomic)
            } catch { return }
        }
    }
}

/// One file with one content: whoever changes either changes this, for nobody can set the time of a change of status.
private struct FileIdentity: Codable, Equatable {
    let device: UInt64
    let inode: UInt64
    let bytes: Int64
    let changedSeconds: Int64
    let changedNanoseconds: Int64

    init(of path: String) throws {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw ReaderFailure("cannot look at \(path): \(String(cString: strerror(errno)))")
        }
        #if canImport(Darwin)
            let changed = status.st_ctimespec
        #else
            let changed = status.st_ctim
        #endif
        device = UInt64(truncatingIfNeeded: status.st_dev)
        inode = UInt64(status.st_ino)
        bytes = Int64(status.st_size)
        (changedSeconds, changedNanoseconds) = (Int64(changed.tv_sec), Int64(changed.tv_nsec))
    }
}
