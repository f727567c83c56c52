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
        // What stands before an @ may be a secret, so nothing of it is repeated.
        guard let parts = URLComponents(string: text), parts.user == nil, parts.password == nil else {
            throw EventLogError(
                .invalid,
                "an S3 address is s3://BUCKET/PREFIX; credentials are set as AWS_ACCESS_KEY_ID and "
                    + "AWS_SECRET_ACCESS_KEY")
        }
        guard parts.scheme == "s3", let bucket = parts.host, !bucket.isEmpty else {
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
        let server = query["endpoint"] ?? given(["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"])
        endpoint = try server.map { text throws(EventLogError) in try Self.endpoint(text) }
    }

    /// Scheme, host and a port that is not the usual one: just what a request names.
    private static func endpoint(_ text: String) throws(EventLogError) -> String {
        guard let parts = URLComponents(string: text), let scheme = parts.scheme, ["http", "https"].contains(scheme),
            let host = parts.percentEncodedHost, !host.isEmpty, parts.user == nil, parts.password == nil,
            parts.query == nil, parts.fragment == nil, ["", "/"].contains(parts.path)
        else {
            throw EventLogError(
                .invalid, "the endpoint of an S3 address is no address of a server: write http://HOST:PORT")
        }
        let usual = scheme == "http" ? 80 : 443
        return "\(scheme)://\(host)" + (parts.port.flatMap { $0 == usual ? nil : ":\($0)" } ?? "")
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
        // No certificate fits a bucket with dots as a host.
        if endpoint == nil, !bucket.contains(".") {
            let host = "\(bucket).s3.\(region).amazonaws.com"
            return ("https://\(host)/\(S3Signature.encoded(key))", host, "/\(S3Signature.encoded(key))")
        }
        let server = endpoint ?? "https://s3.\(region).amazonaws.com"
        let path = "/\(S3Signature.encoded("\(bucket)/\(key)"))"
        return (server + path, String(server.drop { $0 != "/" }.dropFirst(2)), path)
    }
}
