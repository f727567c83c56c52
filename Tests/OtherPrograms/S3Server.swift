import Foundation

/// A server that speaks the protocol of S3 and checks signatures, with an empty bucket `cold`. Gone with this object.
public final class S3Server: @unchecked Sendable {
    // @unchecked: everything is fixed when it is made.
    private struct Access: Decodable {
        let endpoint: String
        let access: String
        let secret: String
    }

    private let process: Process
    private let input = Pipe()
    private let access: Access

    /// Returns when it answers.
    public init() throws {
        process = PythonScript.process("s3_server.py", [])
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        var line = Data()
        while line.last != UInt8(ascii: "\n") {
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { throw ScriptFailure(description: "no S3 server: try 'make test'") }
            line += more
        }
        access = try JSONDecoder().decode(Access.self, from: line)
    }

    deinit {
        try? input.fileHandleForWriting.close()
        process.terminate()
        process.waitUntilExit()
    }

    /// An address in the bucket.
    public func address(_ prefix: String) -> String {
        "s3://cold/\(prefix)?region=eu-central-1&endpoint=\(access.endpoint)"
    }

    /// What a process must have to be let in.
    public var environment: [String: String] {
        ["AWS_ACCESS_KEY_ID": access.access, "AWS_SECRET_ACCESS_KEY": access.secret]
    }

    /// Where it listens.
    public var endpoint: String { access.endpoint }
}
