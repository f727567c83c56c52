import Foundation

/// A script that serves until its input ends, which is when this object is gone. Its first line says how to reach it.
final class PythonServer<Access: Decodable>: @unchecked Sendable {
    // @unchecked: everything is fixed when it is made; one caller at a time asks.
    private let process: Process
    private let input = Pipe()
    private let output = Pipe()
    private let name: String
    let access: Access

    /// Returns when it answers.
    init(_ name: String, _ arguments: String...) throws {
        self.name = name
        process = PythonScript.process(name, arguments)
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        access = try JSONDecoder().decode(Access.self, from: Self.line(of: output, name))
    }

    deinit {
        try? input.fileHandleForWriting.close()
        process.terminate()
        process.waitUntilExit()
    }

    /// Ends it, so that whoever waits for an answer gets an error.
    func stop() { process.terminate() }

    /// Writes a line and returns the line that answers it.
    func ask(_ question: String) throws -> Data {
        try input.fileHandleForWriting.write(contentsOf: Data((question + "\n").utf8))
        return try Self.line(of: output, name)
    }

    private static func line(of output: Pipe, _ name: String) throws -> Data {
        var line = Data()
        while line.last != UInt8(ascii: "\n") {
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { throw ScriptFailure(description: "\(name) does not answer: try 'make test'") }
            line += more
        }
        return line
    }
}
