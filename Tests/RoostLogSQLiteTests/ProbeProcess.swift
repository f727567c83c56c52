import Foundation

/// Runs `LogCrashProbe` and reads what it says.
final class ProbeProcess {
    private let process = Process()
    private let output = Pipe()
    private var rest = ""

    /// `fileBlocksMax`: no file of the child may grow beyond so many blocks of 1 KiB.
    init(path: String, round: Int, fileBlocksMax: Int? = nil) throws {
        let probe = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appendingPathComponent("LogCrashProbe").path
        let limit = fileBlocksMax.map { "ulimit -S -f \($0); " } ?? ""
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["-c", "\(limit)exec \"$0\" \"$1\" \"$2\"", probe, path, "\(round)"]
        process.standardOutput = output
        try process.run()
    }

    /// Waits for `count` more whole lines, or for the end of the process.
    func lines(atLeast count: Int) -> [String] {
        var lines: [String] = []
        while lines.count < count {
            let data = output.fileHandleForReading.availableData
            if data.isEmpty { break }
            lines += take(data)
        }
        return lines
    }

    /// Kills the process, waits for its end and returns the whole lines that were left.
    func kill() -> [String] {
        Foundation.kill(process.processIdentifier, SIGKILL)
        return finish()
    }

    /// Waits for the end of the process and returns the whole lines that were left.
    func finish() -> [String] {
        let lines = take(output.fileHandleForReading.readDataToEndOfFile())
        process.waitUntilExit()
        return lines
    }

    private func take(_ data: Data) -> [String] {
        rest += String(decoding: data, as: UTF8.self)
        guard let end = rest.lastIndex(of: "\n") else { return [] }
        defer { rest = String(rest[rest.index(after: end)...]) }
        return rest[..<end].split(separator: "\n").map(String.init)
    }
}
