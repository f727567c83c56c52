import Foundation
import Testing

/// Runs an executable of this package as a user would.
struct Tool: Sendable {
    struct Answer: Sendable {
        let code: Int32
        let output: String
        let errors: String

        /// The document on the standard output.
        func document() throws -> [String: Any] {
            try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any] ?? [:]
        }
    }

    let name: String
    let home: String

    /// Clusters live in a short directory of their own: `home` is removed by the caller.
    init(_ name: String) throws {
        self.name = name
        home = "/tmp/roost-cli-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
    }

    static var packageDirectory: String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path
    }

    func run(_ arguments: String...) async throws -> Answer { try await run(arguments) }

    func run(_ arguments: [String]) async throws -> Answer {
        try await withCheckedThrowingContinuation { continuation in
            // Waiting for a process blocks, so it stays off the pool.
            Thread.detachNewThread { continuation.resume(with: Result { try wait(arguments) }) }
        }
    }

    private func wait(_ arguments: [String]) throws -> Answer {
        try Self.wait(
            for: Self.products() + "/" + name, arguments, directory: Self.packageDirectory,
            environment: ["ROOST_HOME": home], files: home)
    }

    /// Runs a script with the executables of this package on its path, and clusters where they are by default.
    static func shell(_ script: String, in directory: String) async throws -> Answer {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(
                    with: Result {
                        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
                        return try wait(
                            for: "/bin/bash", ["-c", script], directory: directory,
                            environment: ["PATH": try products() + ":" + path, "ROOST_HOME": ".roost"],
                            files: directory)
                    })
            }
        }
    }

    /// Where the executables of this package are.
    static func products() throws -> String {
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return URL(fileURLWithPath: own).deletingLastPathComponent().path
    }

    private static func wait(
        for executable: String, _ arguments: [String], directory: String, environment: [String: String], files: String
    ) throws -> Answer {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: directory)
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        let (output, errors) = ("\(files)/output-\(UUID().uuidString)", "\(files)/errors-\(UUID().uuidString)")
        for path in [output, errors] { try Data().write(to: URL(fileURLWithPath: path)) }
        defer { for path in [output, errors] { unlink(path) } }
        process.standardOutput = FileHandle(forWritingAtPath: output)
        process.standardError = FileHandle(forWritingAtPath: errors)
        try process.run()
        process.waitUntilExit()
        return Answer(
            code: process.terminationStatus, output: try String(contentsOfFile: output, encoding: .utf8),
            errors: try String(contentsOfFile: errors, encoding: .utf8))
    }

    func remove() throws { try FileManager.default.removeItem(atPath: home) }
}

/// Runs a command and checks its exit code.
func expect(
    _ tool: Tool, exit code: Int32, _ arguments: String..., sourceLocation: SourceLocation = #_sourceLocation
) async throws {
    let answer = try await tool.run(arguments)
    #expect(answer.code == code, "\(arguments): \(answer.errors)", sourceLocation: sourceLocation)
}
