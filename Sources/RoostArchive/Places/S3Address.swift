import Foundation
package import RoostLog

/// `s3://bucket/prefix?region=…&endpoint=…`: which bucket, and which server holds it.
package struct S3Address: Sendable, CustomStringConvertible {
    package let bucket: String
    /// Without slashes at its ends; empty for the whole bucket.
    package let prefix: String
    package let region: String
    /// Of a server that is not AWS, as in `http://127.0.0.1:9000`; nil for AWS.
    package let endpoint: String?

    private static let defaultRegion = "us-east-1"
    private static let slashes = CharacterSet(charactersIn: "/")

    /// What the text leaves out comes from the environment: `AWS_REGION` or `AWS_DEFAULT_REGION`, and
    /// `AWS_ENDPOINT_URL_S3` or `AWS_ENDPOINT_URL`.
    package init(_ text: String, environment: [String: String]) throws(EventLogError) {
        guard let parts = URLComponents(string: text), parts.scheme == "s3", let bucket = parts.host, !bucket.isEmpty
        else {
            throw EventLogError(.invalid, "'\(text)' is no S3 address: write s3://BUCKET/PREFIX")
        }
        let query = Dictionary(
            (parts.queryItems ?? []).map { ($0.name, $0.value ?? "") }, uniquingKeysWith: { first, _ in first })
        if let unknown = query.keys.sorted().first(where: { !["region", "endpoint"].contains($0) }) {
            throw EventLogError(.invalid, "'\(text)' has an unknown part '\(unknown)': region and endpoint are known")
        }
        func given(_ names: [String]) -> String? {
            names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
        }
        self.bucket = bucket
        prefix = parts.path.trimmingCharacters(in: Self.slashes)
        region = query["region"] ?? given(["AWS_REGION", "AWS_DEFAULT_REGION"]) ?? Self.defaultRegion
        endpoint = (query["endpoint"] ?? given(["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"]))
            .map { $0.trimmingCharacters(in: Self.slashes) }
        guard endpoint.map({ URL(string: $0)?.host != nil }) ?? true else {
            throw EventLogError(.invalid, "'\(endpoint ?? "")' is no address of a server: write http://HOST:PORT")
        }
    }

    /// Complete: nothing of it depends on the environment any more.
    package var description: String {
        let path = prefix.isEmpty ? "" : "/\(prefix)"
        return "s3://\(bucket)\(path)?region=\(region)" + (endpoint.map { "&endpoint=\($0)" } ?? "")
    }

    /// The same without the server, as SQL engines write it.
    package var location: String { "s3://\(bucket)/" + (prefix.isEmpty ? "" : "\(prefix)/") }

    /// The host and, where it is not the usual one, the port; and the path of an object, percent-encoded.
    func target(of name: String) -> (url: String, host: String, path: String) {
        let key = (prefix.isEmpty ? "" : "\(prefix)/") + name
        guard let endpoint, let server = URL(string: endpoint) else {
            let host = "\(bucket).s3.\(region).amazonaws.com"
            return ("https://\(host)/\(S3Signature.encoded(key))", host, "/\(S3Signature.encoded(key))")
        }
        let host = (server.host ?? "") + (server.port.map { ":\($0)" } ?? "")
        let path = "/\(S3Signature.encoded("\(bucket)/\(key)"))"
        return (endpoint + path, host, path)
    }
}
