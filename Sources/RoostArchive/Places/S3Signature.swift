import Crypto
import Foundation
import RoostCore

/// AWS Signature Version 4 for S3: proves who asks without sending the secret.
struct S3Signature {
    /// Whose requests these are.
    struct Credentials: Sendable {
        let accessKey: String
        let secretKey: String
        /// Of temporary credentials.
        let sessionToken: String?

        /// nil when the environment has none.
        init?(environment: [String: String]) {
            guard let access = environment["AWS_ACCESS_KEY_ID"], !access.isEmpty,
                let secret = environment["AWS_SECRET_ACCESS_KEY"], !secret.isEmpty
            else { return nil }
            accessKey = access
            secretKey = secret
            sessionToken = environment["AWS_SESSION_TOKEN"].flatMap { $0.isEmpty ? nil : $0 }
        }
    }

    let credentials: Credentials
    let region: String
    /// `20261126T080000Z`
    let time: String

    /// The headers that sign a request without a query, whose body has this SHA-256.
    func headers(method: String, host: String, path: String, bodySHA256: String) -> [String: String] {
        var signed = ["host": host, "x-amz-content-sha256": bodySHA256, "x-amz-date": time]
        signed["x-amz-security-token"] = credentials.sessionToken
        let names = signed.keys.sorted()
        let lines = names.map { "\($0):\(signed[$0] ?? "")\n" }.joined()
        let list = names.joined(separator: ";")
        let request = "\(method)\n\(path)\n\n\(lines)\n\(list)\n\(bodySHA256)"
        let scope = "\(time.prefix(8))/\(region)/s3/aws4_request"
        let text = "AWS4-HMAC-SHA256\n\(time)\n\(scope)\n\(ArchiveDigest.of(Array(request.utf8)))"
        signed["Authorization"] =
            "AWS4-HMAC-SHA256 Credential=\(credentials.accessKey)/\(scope), SignedHeaders=\(list), "
            + "Signature=\(Hexadecimal.text(Self.code(text, key)))"
        signed["host"] = nil
        return signed
    }

    /// Of the day, the region and the service.
    private var key: [UInt8] {
        [String(time.prefix(8)), region, "s3", "aws4_request"].reduce(Array("AWS4\(credentials.secretKey)".utf8)) {
            Self.code($1, $0)
        }
    }

    private static func code(_ text: String, _ key: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: SymmetricKey(data: key)))
    }

    private static let unreserved = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/")

    /// A path as it is both sent and signed.
    static func encoded(_ path: String) -> String {
        path.addingPercentEncoding(withAllowedCharacters: unreserved) ?? path
    }

    /// As in `20261126T080000Z`.
    static func time(_ now: Date) -> String {
        Timestamp(seconds: Int64(now.timeIntervalSince1970)).description.filter { $0 != "-" && $0 != ":" }
    }
}
