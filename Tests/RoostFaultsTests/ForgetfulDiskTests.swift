import Foundation
import Testing

@Suite("A disk that forgets what was not synced")
struct ForgetfulDiskTests {
    @Test(
        "Of a killed process what was synced stays and nothing else; before its end all of it was seen there",
        arguments: [("FULL", "killed", 40), ("OFF", "killed", 0), ("OFF", "closed", 40), ("FULL", "closed", 40)])
    func killed(_ synchronous: String, _ end: String, _ left: Int) throws {
        try Self.withDirectory { directory in
            let disk = Disk(directory)
            #expect(try disk.write(synchronous, end, 40) == (40, 0))
            // The next run finds what the first has left, knows whether something was lost, and adds nothing.
            let next = try disk.write("FULL", "closed", 0)
            #expect(next.rows == left && (next.lost > 0) == (left == 0), "\(next)")
        }
    }

    @Test(
        "Another process that has the database open sees every commit and no damage when a commit is lost with its writer"
    )
    func watched() throws {
        try Self.withDirectory { directory in
            let disk = Disk(directory)
            _ = try disk.write("FULL", "closed", 10)
            let watcher = try Watcher(disk.file)
            #expect(try watcher.line() == "10 ok")
            for round in 1...5 {
                let lost = try disk.write("FULL", "killed-at-sync", 40).lost
                #expect((lost > 0) == (round > 1), "round \(round) was told of \(lost) lost bytes")
                #expect(try watcher.look() == "\(10 + 40 * round) ok")
            }
            let last = try disk.write("FULL", "closed", 3)
            #expect(last.rows == 213 && last.lost > 0)
            #expect(try watcher.look() == "213 ok")
            try watcher.end()
            #expect(try disk.write("FULL", "closed", 0) == (213, 0))
        }
    }

    private static func withDirectory(_ body: (String) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("rf-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        try body(directory.path)
    }
}

/// A database that one process after the other writes to.
private struct Disk {
    let file: String
    private let tally: String

    init(_ directory: String) {
        file = directory + "/rows.db"
        tally = directory + "/tally"
    }

    /// The rows that the process saw, and the bytes that the one before it lost.
    func write(_ synchronous: String, _ end: String, _ rows: Int) throws -> (rows: Int, lost: Int) {
        let (process, output) = try started(file, synchronous, end, "\(rows)", tally)
        let words = String(decoding: output.readDataToEndOfFile(), as: UTF8.self).split(whereSeparator: \.isWhitespace)
        process.waitUntilExit()
        #expect(process.terminationReason == (end == "closed" ? .exit : .uncaughtSignal))
        try #require(words.count == 2)
        return (try #require(Int(words[0])), try #require(Int(words[1])))
    }
}

/// A process that has the database open all the time.
private final class Watcher {
    private let process: Process
    private let output: FileHandle
    private let input = Pipe()

    init(_ file: String) throws { (process, output) = try started(file, "watch", input: input) }

    func look() throws -> String {
        try input.fileHandleForWriting.write(contentsOf: Data("look\n".utf8))
        return try line()
    }

    func line() throws -> String {
        var bytes: [UInt8] = []
        while let byte = try output.read(upToCount: 1)?.first, byte != 0x0A { bytes.append(byte) }
        return String(decoding: bytes, as: UTF8.self)
    }

    func end() throws {
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }

    deinit { if process.isRunning { process.terminate() } }
}

private func started(_ words: String..., input: Pipe? = nil) throws -> (Process, FileHandle) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        .appendingPathComponent("DiskProbe")
    process.arguments = words
    let output = Pipe()
    process.standardOutput = output
    if let input { process.standardInput = input }
    try process.run()
    return (process, output.fileHandleForReading)
}
