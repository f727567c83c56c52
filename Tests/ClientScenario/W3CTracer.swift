package import InMemoryTracing
package import Instrumentation
import RoostTrace
package import Tracing

/// The tracer of the tracing library's own tests, but with the headers and the IDs of W3C trace context.
package struct W3CTracer: Tracer {
    package let recorded: InMemoryTracer

    package init() {
        recorded = InMemoryTracer(
            idGenerator: .init(nextTraceID: { Self.digits(32) }, nextSpanID: { Self.digits(16) }))
    }

    private static func digits(_ count: Int) -> String {
        (0..<count).map { _ in String(Int.random(in: 1...9)) }.joined()
    }

    package func startSpan<Instant: TracerInstant>(
        _ operationName: String, context: @autoclosure () -> ServiceContext, ofKind kind: SpanKind,
        at instant: @autoclosure () -> Instant, function: String, file fileID: String, line: UInt
    ) -> InMemorySpan {
        recorded.startSpan(
            operationName, context: context(), ofKind: kind, at: instant(), function: function, file: fileID, line: line
        )
    }

    package func forceFlush() { recorded.forceFlush() }

    package func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        guard let header = extractor.extract(key: "traceparent", from: carrier), let parent = TraceParent(header) else {
            return
        }
        context.inMemorySpanContext = InMemorySpanContext(
            traceID: parent.traceID, spanID: parent.spanID, parentSpanID: nil)
    }

    package func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        guard let span = context.inMemorySpanContext else { return }
        injector.inject("00-\(span.traceID)-\(span.spanID)-01", forKey: "Traceparent", into: &carrier)
    }
}
