import Foundation

/// This executable in another process, in a role. It ends when its standard input does, so none survives the parent.
final class Child {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private let role: String
    private var buffer: [UInt8] = []

    init(_ role: Role, _ arguments: [String]) throws {
        self.role = role.rawValue
        process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["--role", role.rawValue] + arguments
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    /// The next line the child says; waits for it.
    func line() throws -> String {
        while true {
            if let end = buffer.firstIndex(of: 0x0A) {
                defer { buffer.removeFirst(end + 1) }
                return String(decoding: buffer[..<end], as: UTF8.self)
            }
            let data = output.fileHandleForReading.availableData
            guard !data.isEmpty else { throw BenchmarkError("the process '\(role)' ended without a result") }
            buffer.append(contentsOf: data)
        }
    }

    /// The next line as a number.
    func number() throws -> Double {
        let line = try line()
        guard let value = Double(line) else { throw BenchmarkError("the process '\(role)' said '\(line)'") }
        return value
    }

    /// Tells the child to end, and waits until it has.
    func end() throws {
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw BenchmarkError("the process '\(role)' ended with status \(process.terminationStatus)")
        }
    }

    /// Says a line to the parent.
    static func say(_ line: some CustomStringConvertible) {
        FileHandle.standardOutput.write(Data("\(line)\n".utf8))
    }

    /// Returns when the parent has let go.
    static func waitForEnd() { while !FileHandle.standardInput.availableData.isEmpty {} }
}
