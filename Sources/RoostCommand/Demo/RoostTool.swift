import Foundation

/// Runs this executable as a user would, and shows every command with what it printed.
struct RoostTool {
    struct Failed: Error, CustomStringConvertible {
        let description: String
    }

    let executable: String
    let environment: [String: String]

    init(home: String) throws {
        executable = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        environment = ProcessInfo.processInfo.environment.merging(["ROOST_HOME": home]) { $1 }
    }

    /// Shows the command and its output; throws when it ends with another code than expected.
    func show(_ arguments: [String], expecting code: Int32 = 0) throws {
        Narration.command(arguments)
        let process = try start(arguments, output: nil)
        process.waitUntilExit()
        try check(process, arguments, code)
    }

    /// The document that a command prints under `--json`.
    func document(_ arguments: [String]) throws -> [String: Any] {
        let pipe = Pipe()
        let process = try start(arguments + ["--json"], output: pipe)
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try check(process, arguments, 0)
        guard let document = try JSONSerialization.jsonObject(with: data) as? [String: Any] else {
            throw Failed(description: "roost \(arguments.joined(separator: " ")) printed no document")
        }
        return document
    }

    /// Starts a command and goes on.
    func start(_ arguments: [String], output: Any?) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        if let output { process.standardOutput = output }
        try process.run()
        return process
    }

    func check(_ process: Process, _ arguments: [String], _ code: Int32) throws {
        let isExpected = process.terminationReason == .exit && process.terminationStatus == code
        guard isExpected else {
            throw Failed(
                description: "roost \(arguments.joined(separator: " ")) ended with \(process.terminationStatus), "
                    + "expected \(code)")
        }
    }
}
