import ArgumentParser
import RoostClient
import RoostCore
import RoostTrace

/// How chains are shown.
enum TraceFormat: String, ExpressibleByArgument, CaseIterable {
    case tree, mermaid, dot, otlp, chrome, cloudevents

    /// It is for programs, and holds any number of chains.
    var exportsMany: Bool {
        switch self {
        case .otlp, .chrome, .cloudevents: true
        case .tree, .mermaid, .dot: false
        }
    }
}

/// What a `roost trace` is about.
struct FoundChains {
    var traces: [Trace]
    /// Where they are from, as far as that is known.
    var cluster: String { traces.lazy.compactMap(\.cluster).first ?? "file" }
}

/// Chains as a person or another program asked for them.
struct TraceExport {
    private let format: TraceFormat
    private let isFlat: Bool
    private let chains: FoundChains

    /// Throws when the format draws one chain and there are several.
    init(_ format: TraceFormat, isFlat: Bool, _ chains: FoundChains) throws {
        guard chains.traces.count == 1 || (format != .mermaid && format != .dot) else {
            throw ValidationError(
                "\(format.rawValue) draws one chain, and these are \(chains.traces.count): give the ID of one, "
                    + "or --format tree, otlp, chrome or cloudevents")
        }
        self.format = format
        self.isFlat = isFlat
        self.chains = chains
    }

    /// One chain is its own document; several are a bundle.
    func show(_ output: OutputOptions) throws {
        guard chains.traces.count == 1 else { return try output.show(TraceBundle(chains.traces), text: text) }
        try output.show(chains.traces[0], text: text)
    }

    private func text() throws -> String {
        switch format {
        case .tree:
            chains.traces.map { Self.tree($0, isFlat: isFlat) }.joined(separator: "\n")
        case .mermaid: chains.traces.map { TraceDrawing($0).mermaid }.joined()
        case .dot: chains.traces.map { TraceDrawing($0).dot }.joined()
        case .otlp: try Self.line(OTLPTraces(chains.traces, cluster: chains.cluster))
        case .chrome: try Self.line(ChromeTrace(chains.traces))
        case .cloudevents: try cloudEvents()
        }
    }

    /// As wide as the terminal, in its colours.
    static func tree(_ trace: Trace, isFlat: Bool) -> String {
        TraceText(trace, isFlat: isFlat, columns: Terminal.columns) { paint, text in Self.paint(paint)(text) }.text
    }

    private func cloudEvents() throws -> String {
        try chains.traces.flatMap(\.events).map { event in
            try Self.line(ChainCloudEvent(event, cluster: chains.cluster))
        }.joined()
    }

    private static func line(_ document: some Encodable) throws -> String {
        String(decoding: try DocumentText.line(document), as: UTF8.self) + "\n"
    }

    private static func paint(_ paint: TraceText.Paint) -> Paint {
        switch paint {
        case .good: .good
        case .bad: .bad
        case .dim: .dim
        case .name: .name
        }
    }
}
