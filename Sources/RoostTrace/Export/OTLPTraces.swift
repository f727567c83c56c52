package import RoostCore

/// Chains as OTLP/JSON, the format that OpenTelemetry collectors and trace viewers read.
///
/// The correlation ID is the trace ID. Every event is a span of the process that stored it: from when its cause was recorded
/// to when it was. Its cause is its parent and, as it came over a bus, also a link; a client's own trace is a link of the
/// first event.
package struct OTLPTraces: Encodable, Sendable {
    package let resourceSpans: [ResourceSpans]

    package struct ResourceSpans: Encodable, Sendable {
        let resource: Resource
        let scopeSpans: [ScopeSpans]
    }
    struct Resource: Encodable, Sendable {
        let attributes: [Attribute]
    }
    struct ScopeSpans: Encodable, Sendable {
        struct Scope: Encodable, Sendable {
            let name: String
        }
        let scope: Scope
        let spans: [Span]
    }

    struct Span: Encodable, Sendable {
        let traceId: String
        let spanId: String
        let parentSpanId: String?
        let name: String
        let kind: Int
        /// Numbers of 64 bits are texts in OTLP/JSON.
        let startTimeUnixNano: String
        let endTimeUnixNano: String
        let attributes: [Attribute]
        let links: [Link]
    }

    struct Link: Encodable, Sendable {
        let traceId: String
        let spanId: String
        let attributes: [Attribute]
    }

    struct Attribute: Encodable, Sendable {
        struct Value: Encodable, Sendable {
            var stringValue: String?
            var intValue: String?
        }
        let key: String
        let value: Value

        init(_ key: String, _ text: String) {
            self.key = key
            value = Value(stringValue: text)
        }

        init(_ key: String, number: UInt64) {
            self.key = key
            value = Value(intValue: String(number))
        }
    }

    /// One document for any number of chains.
    package init(_ traces: [Trace], cluster: String) {
        let events = traces.flatMap(\.events)
        let recorded = Dictionary(events.map { ($0.eventID, $0.recordedAt) }, uniquingKeysWith: { first, _ in first })
        self.init(events, cluster: cluster) { recorded[$0] }
    }

    /// One document for events of any chains; `recorded` tells when their causes were, as far as that is known.
    package init(_ events: [TraceEvent], cluster: String, recorded: (EventID) -> Timestamp?) {
        var spans: [String: [Span]] = [:]
        for event in events {
            let begin = event.causationID.flatMap(recorded)
            spans[event.process ?? "unknown", default: []].append(Span(event, begin: begin))
        }
        resourceSpans = spans.sorted { $0.key < $1.key }.map { process, spans in
            ResourceSpans(
                resource: Resource(attributes: [
                    Attribute("service.name", process), Attribute("service.namespace", cluster),
                ]), scopeSpans: [ScopeSpans(scope: .init(name: "roost"), spans: spans)])
        }
    }
}

extension OTLPTraces.Span {
    /// What a consumer of messages does, in the numbers of OTLP; and what somebody from outside asked for.
    private static let (server, consumer) = (2, 5)

    fileprivate init(_ event: TraceEvent, begin: Timestamp?) {
        let trace = OTLPTraces.hexadecimal(event.correlationID)
        traceId = trace
        spanId = OTLPTraces.spanID(of: event.eventID)
        parentSpanId = event.causationID.map(OTLPTraces.spanID)
        name = event.type
        kind = event.causationID == nil ? Self.server : Self.consumer
        // Its numbers have no sign.
        let end = max(0, event.recordedAt.nanoseconds)
        startTimeUnixNano = String(max(0, min(begin?.nanoseconds ?? end, end)))
        endTimeUnixNano = String(end)
        attributes =
            [
                OTLPTraces.Attribute("roost.event.id", event.eventID.description),
                OTLPTraces.Attribute("roost.stream", event.stream),
                OTLPTraces.Attribute("roost.version", number: event.version.rawValue),
                OTLPTraces.Attribute("roost.partition", number: UInt64(event.partition.rawValue)),
                OTLPTraces.Attribute("roost.position", number: event.position.rawValue),
                OTLPTraces.Attribute("roost.command.id", event.commandID),
            ] + [event.issuedBy.map { OTLPTraces.Attribute("roost.reactor", $0) }].compactMap { $0 }
        links = [
            event.causationID.map { cause in
                OTLPTraces.Link(
                    traceId: trace, spanId: OTLPTraces.spanID(of: cause),
                    attributes: [OTLPTraces.Attribute("roost.link", "caused by")])
            },
            // Whoever asked for the chain has a trace of their own.
            event.causationID == nil
                ? event.traceparent.flatMap { TraceParent($0) }.map { parent in
                    OTLPTraces.Link(
                        traceId: parent.traceID, spanId: parent.spanID,
                        attributes: [OTLPTraces.Attribute("roost.link", "asked for by")])
                } : nil,
        ].compactMap { $0 }
    }
}

extension OTLPTraces {
    static func hexadecimal(_ id: CorrelationID) -> String { id.description.replacing("-", with: "") }

    /// The random half of the event ID: 16 digits, never all zero.
    static func spanID(of event: EventID) -> String {
        let low = UInt64(truncatingIfNeeded: event.bits)
        let digits = String(low == 0 ? 1 : low, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
