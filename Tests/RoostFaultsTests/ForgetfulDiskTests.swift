import Foundation
import Testing

@Suite("A disk that forgets what was not synced")
struct ForgetfulDiskTests {
    @Test(
        "Of a killed process what was synced stays and nothing else; before its end all of it was seen there",
        arguments: [("FULL", "killed", 40), ("OFF", "killed", 0), ("OFF", "closed", 40), ("FULL", "closed", 40)])
    func killed(_ synchronous: String, _ end: String, _ left: Int) throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("rf-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let file = directory.appendingPathComponent("rows.db").path
        #expect(try Self.probe(file, synchronous, end, "40") == "40")
        // The next run finds what the first has left, and adds nothing.
        #expect(try Self.probe(file, "FULL", "closed", "0") == "\(left)")
    }

    private static func probe(_ words: String...) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appendingPathComponent("DiskProbe")
        process.arguments = words
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
