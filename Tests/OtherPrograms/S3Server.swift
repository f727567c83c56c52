/// A server that speaks the protocol of S3 and checks signatures, with an empty bucket `cold`. Gone with this object.
public final class S3Server: Sendable {
    private struct Access: Decodable {
        let endpoint: String
        let access: String
        let secret: String
    }

    private let server: PythonServer<Access>

    /// Returns when it answers.
    public init() throws { server = try PythonServer("s3_server.py") }

    /// An address in the bucket.
    public func address(_ prefix: String) -> String {
        "s3://cold/\(prefix)?region=eu-central-1&endpoint=\(endpoint)"
    }

    /// What a process must have to be let in.
    public var environment: [String: String] {
        ["AWS_ACCESS_KEY_ID": server.access.access, "AWS_SECRET_ACCESS_KEY": server.access.secret]
    }

    /// Where it listens.
    public var endpoint: String { server.access.endpoint }
}
