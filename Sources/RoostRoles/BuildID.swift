import Crypto
import Foundation
import RoostCore

/// Which build runs: the SHA-256 of the executable, hexadecimal.
package enum BuildID {
    package static func current() throws -> String {
        // What runs, also when the file was replaced since.
        let path =
            FileManager.default.fileExists(atPath: "/proc/self/exe") ? "/proc/self/exe" : CommandLine.arguments[0]
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        defer { closeQuietly(file) }
        var hash = SHA256()
        while let chunk = try file.read(upToCount: 1 << 20), !chunk.isEmpty { hash.update(data: chunk) }
        return Hexadecimal.text(Array(hash.finalize()))
    }

    /// Nothing was written.
    private static func closeQuietly(_ file: FileHandle) { do { try file.close() } catch { return } }
}
