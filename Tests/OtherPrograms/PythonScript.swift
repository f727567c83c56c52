public import Foundation

/// A script beside this file, run with the packages that `make test` installs.
public enum PythonScript {
    private static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    private static let packages =
        directory.deletingLastPathComponent().deletingLastPathComponent().path
        + "/.build/python"

    static func process(_ name: String, _ arguments: [String]) -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = ["\(directory.path)/\(name)"] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(["PYTHONPATH": packages]) { $1 }
        return process
    }

    /// Runs a script to its end and returns what it printed.
    public static func run(_ name: String, _ arguments: String...) throws -> Data {
        let process = process(name, arguments)
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw ScriptFailure(description: "\(name) ended with \(process.terminationStatus): try 'make test'")
        }
        return data
    }
}

/// A script that did not do what it should.
public struct ScriptFailure: Error, CustomStringConvertible {
    /// What went wrong.
    public let description: String
}
