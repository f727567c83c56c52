import HTTPTypes
import Hummingbird
import Instrumentation
import Tracing

/// The span of a request, in the trace that its headers name. Hummingbird's own middleware names spans after routes of its
/// router, which the gateway does not use.
enum RequestSpan {
    /// How much of a path names a span: `/api/v1/traces`, whatever the chain.
    private static let partsMax = 3

    /// Costs next to nothing where the process has no tracer.
    static func around(_ request: Request, _ body: () async -> Reply) async -> Reply {
        var context = ServiceContext.current ?? .topLevel
        InstrumentationSystem.instrument.extract(request.headers, into: &context, using: HeaderExtractor())
        return await withSpan(name(request), context: context, ofKind: .server) { span in
            span.attributes["http.request.method"] = request.method.rawValue
            span.attributes["url.path"] = request.uri.path
            let reply = await body()
            span.attributes["http.response.status_code"] = reply.status
            if reply.status >= 500 { span.setStatus(SpanStatus(code: .error)) }
            return reply
        }
    }

    private static func name(_ request: Request) -> String {
        let parts = request.uri.path.split(separator: "/").prefix(partsMax)
        return "\(request.method.rawValue) /\(parts.joined(separator: "/"))"
    }
}

private struct HeaderExtractor: Extractor {
    func extract(key: String, from headers: HTTPFields) -> String? {
        guard let name = HTTPField.Name(key) else { return nil }
        return headers[name]
    }
}
