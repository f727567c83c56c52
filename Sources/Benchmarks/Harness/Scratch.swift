import Foundation

/// A directory that is gone afterwards. Short, because the path of an ipc socket may be.
enum Scratch {
    static func with<Result>(_ body: (String) async throws -> Result) async throws -> Result {
        let url = FileManager.default.temporaryDirectory.appending(path: "roost-bench-\(getpid())-\(next())")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        do {
            let result = try await body(url.path())
            try FileManager.default.removeItem(at: url)
            return result
        } catch {
            try FileManager.default.removeItem(at: url)
            throw error
        }
    }

    private static func next() -> UInt32 { UInt32(truncatingIfNeeded: Monotonic.nanoseconds / 1000) }
}

/// The monotonic clock as a number.
enum Monotonic {
    static var nanoseconds: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    static var seconds: Double { Double(nanoseconds) / 1e9 }
}
