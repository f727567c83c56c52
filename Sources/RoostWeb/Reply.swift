import HTTPTypes
import Hummingbird
import RoostClient

/// The answer to one request, before it becomes bytes on a connection.
struct Reply: Sendable {
    var status: Int
    var body: [UInt8]
    var headers: [(HTTPField.Name, String)] = []

    /// A document as JSON.
    static func document(_ document: some Encodable, status: Int = 200) throws -> Reply {
        Reply(status: status, body: try DocumentText.line(document) + [UInt8(ascii: "\n")])
    }

    static func error(_ status: Int, code: String, _ message: String, hint: String? = nil) -> Reply {
        Reply(status: status, body: Array(ErrorDocument(code: code, message: message, hint: hint).line.utf8))
    }

    static func error(_ error: ClientError) -> Reply {
        self.error(error.httpStatus, code: error.code, error.message, hint: error.hint)
    }

    static func error(_ refusal: RequestGuard.Refusal) -> Reply {
        error(refusal.status, code: refusal.code, refusal.message, hint: refusal.hint)
    }

    var response: Response {
        var fields: HTTPFields = [
            .contentType: "application/json; charset=utf-8", .cacheControl: "no-store",
            .xContentTypeOptions: "nosniff",
        ]
        for (name, value) in headers { fields[name] = value }
        return Response(
            status: .init(code: status), headers: fields, body: .init(byteBuffer: ByteBuffer(bytes: body)))
    }
}
