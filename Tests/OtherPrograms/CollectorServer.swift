import Foundation

/// A collector of OpenTelemetry that parses what it is sent with the protocol's own library. Gone with this object.
package final class CollectorServer: Sendable {
    private struct Access: Decodable { let endpoint: String }

    /// One answer to a request.
    package enum Answer: Sendable {
        /// An answer of HTTP; 200 takes the spans.
        case status(Int, headers: [String: String] = [:], body: String = "{}")
        /// The connection is closed without one.
        case drop
    }

    /// What it was sent.
    package struct Report: Decodable, Sendable {
        /// One span that it took.
        package struct Span: Decodable, Sendable {
            package let service, cluster, name, trace, span, parent: String
            package let start, end: UInt64
        }
        /// One request, whether its spans were taken or not.
        package struct Request: Decodable, Sendable {
            package let path: String
            package let headers: [String: String]
            package let spans: Int
            /// 0 for a closed connection.
            package let status: Int
        }
        package let spans: [Span]
        package let requests: [Request]
    }

    private let server: PythonServer<Access>

    /// Returns when it answers. After the given answers it takes everything.
    package init(answering answers: [Answer] = []) throws {
        let list: [Any] = answers.map { answer in
            switch answer {
            case .status(let status, let headers, let body): ["status": status, "headers": headers, "body": body]
            case .drop: "drop"
            }
        }
        let argument = String(decoding: try JSONSerialization.data(withJSONObject: list), as: UTF8.self)
        server = try PythonServer("otlp_collector.py", argument)
    }

    /// Where it listens.
    package var endpoint: String { server.access.endpoint }

    /// Waits until it has taken so many spans. Off the pool, because it blocks; a test that is cancelled ends it.
    package func report(spans: Int) async throws -> Report {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                Thread.detachNewThread { [server] in
                    continuation.resume(
                        with: Result { try JSONDecoder().decode(Report.self, from: server.ask(String(spans))) })
                }
            }
        } onCancel: {
            server.stop()
        }
    }
}
