import Foundation
import Testing

/// A file system of its own in memory, small enough to be filled. Needs the rights to mount.
struct SmallDisk {
    let path: String

    static let isPossible: Bool = geteuid() == 0 && (try? with(megabytes: 1) { _ in true }) == true

    /// Runs `body` with an empty disk mounted at a short path.
    static func with<Result>(megabytes: Int, _ body: (SmallDisk) throws -> Result) throws -> Result {
        try withTemporaryDirectory { base in
            let disk = SmallDisk(path: base + "/d")
            try FileManager.default.createDirectory(atPath: disk.path, withIntermediateDirectories: true)
            try run("mount", "-t", "tmpfs", "-o", "size=\(megabytes)m", "tmpfs", disk.path)
            defer { try? run("umount", "-l", disk.path) }
            return try body(disk)
        }
    }

    /// Fills what is left; `release` gives it back.
    func fill() throws {
        let descriptor = open(ballast, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        for size in [1 << 16, 1 << 10, 1] {
            let chunk = [UInt8](repeating: 7, count: size)
            while write(descriptor, chunk, size) == size {}
        }
    }

    func release() throws { try FileManager.default.removeItem(atPath: ballast) }

    func setReadOnly(_ isReadOnly: Bool) throws {
        try Self.run("mount", "-o", isReadOnly ? "remount,ro" : "remount,rw", path)
    }

    private var ballast: String { path + "/ballast" }

    private static func run(_ words: String...) throws {
        _ = try withTemporaryDirectory { directory in
            try RunningCommand(words, environment: ProcessInfo.processInfo.environment, files: directory)
                .finish().expecting(0)
        }
    }
}
