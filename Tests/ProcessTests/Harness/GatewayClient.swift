import Foundation

/// Talks HTTP to the gateway of a cluster.
struct GatewayClient {
    struct Response {
        let status: Int
        let body: Data

        func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
            try JSONDecoder().decode(type, from: body)
        }
    }

    let cluster: ClusterUnderTest
    /// Where it listens; looked up for each request unless given.
    var address: String?

    /// Sends a command with the token of the cluster.
    func post(
        _ body: String, key: String? = nil, token: String? = nil, traceparent: String? = nil
    ) throws -> Response {
        var headers = ["Authorization": "Bearer \(try token ?? self.token())", "Content-Type": "application/json"]
        headers["Idempotency-Key"] = key
        headers["traceparent"] = traceparent
        return try request("POST", "/api/v1/commands", headers: headers, body: body)
    }

    func get(_ path: String) throws -> Response { try request("GET", path, headers: [:], body: "") }

    func token() throws -> String {
        try String(contentsOfFile: cluster.directory + "/token", encoding: .utf8)
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private func request(_ method: String, _ path: String, headers: [String: String], body: String) throws -> Response {
        // Not `#require`: that would record an issue where a caller only wants to try again.
        guard let address = try address ?? cluster.ps().gateway else { throw TestFailure("the gateway is not there") }
        let connection = try RawConnection(address)
        let host = address.replacing("http://", with: "")
        var lines = ["\(method) \(path) HTTP/1.1", "Host: \(host)", "Connection: close"]
        lines += headers.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        lines.append("Content-Length: \(body.utf8.count)")
        connection.send(Array((lines.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8))
        return try Self.parse(connection.receiveAll())
    }

    private static func parse(_ bytes: [UInt8]) throws -> Response {
        let text = String(decoding: bytes, as: UTF8.self)
        let words = text.prefix { $0 != "\r\n" }.split(separator: " ")
        guard words.count > 1, let status = Int(words[1]), let end = text.range(of: "\r\n\r\n") else {
            throw TestFailure("the gateway gave no answer: \(text.prefix(200))")
        }
        let isChunked = text[..<end.lowerBound].lowercased().contains("transfer-encoding: chunked")
        let body = String(text[end.upperBound...])
        return Response(status: status, body: Data((isChunked ? unchunked(body) : body).utf8))
    }

    private static func unchunked(_ text: String) -> String {
        text.components(separatedBy: "\r\n").enumerated().filter { $0.offset % 2 == 1 }.map(\.element).joined()
    }
}
