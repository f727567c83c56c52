import RoostCore

/// A trace in the languages that others draw.
package struct TraceDrawing: Sendable {
    private let trace: Trace

    package init(_ trace: Trace) { self.trace = trace }

    /// A sequence diagram as Mermaid draws it: who asked which process for what, in order of time.
    package var mermaid: String {
        let names = participants
        let lines = trace.events.map { event in
            let from = event.issuedBy ?? (event.causationID == nil ? Self.outside : Self.unknown)
            let after = Self.milliseconds(event.recordedAt - (trace.events.first?.recordedAt ?? event.recordedAt))
            return "    \(name(from, names))->>\(name(event.process ?? Self.unknown, names)): "
                + "\(Self.plain(event.type)) \(Self.plain(event.stream)) ·\(event.version) (+\(after))\n"
        }
        let declared = names.enumerated().map { "    participant p\($0) as \(Self.plain($1))\n" }
        return "sequenceDiagram\n" + declared.joined() + lines.joined() + refused(names).joined()
    }

    /// Crossed arrows of whoever asked for what was refused.
    private func refused(_ names: [String]) -> [String] {
        (trace.rejected ?? []).map { rejected in
            let cause = trace.events.first { $0.eventID == rejected.causationID }
            let asker = cause == nil ? Self.outside : Self.reactor(of: rejected) ?? Self.outside
            let known = names.contains(asker) ? asker : names.first ?? Self.outside
            return "    \(name(known, names))-x\(name(known, names)): "
                + "\(Self.plain(rejected.command)) \(Self.plain(rejected.stream)) refused "
                + "(\(Self.plain(rejected.code)))\n"
        }
    }

    /// The reactor whose follow-up it was, by the form of its ID: `event.part.reactor.index`.
    private static func reactor(of rejected: RejectedCommand) -> String? {
        let parts = rejected.commandID.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 ? String(parts[2]) : nil
    }

    /// A directed graph as Graphviz draws it: causes above their effects.
    package var dot: String {
        let nodes = trace.events.map { event in
            let parts = [event.type, "\(event.stream) #\(event.version)", event.process ?? "?"]
            let label = parts.map(Self.quoted).joined(separator: "\\n")
            return "    \"\(event.eventID)\" [label=\"\(label)\"];\n"
        }
        let edges = trace.events.compactMap { event in
            event.causationID.map { cause in
                let label = event.issuedBy.map { " [label=\"\(Self.quoted($0))\"]" } ?? ""
                return "    \"\(cause)\" -> \"\(event.eventID)\"\(label);\n"
            }
        }
        let refused = (trace.rejected ?? []).enumerated().map { number, rejected in
            let label = [rejected.command, rejected.stream, "refused: \(rejected.code)"].map(Self.quoted)
                .joined(separator: "\\n")
            let edge = rejected.causationID.map { "    \"\($0)\" -> \"refused-\(number)\" [style=dashed];\n" } ?? ""
            return "    \"refused-\(number)\" [label=\"\(label)\", style=dashed, color=firebrick];\n" + edge
        }
        let missing = trace.missingCauses.map { "    \"\($0)\" [label=\"missing\", style=dashed];\n" }
        return "digraph chain {\n    node [shape=box, style=rounded, fontname=\"sans-serif\"];\n"
            + "    edge [fontname=\"sans-serif\", fontsize=10];\n" + nodes.joined() + missing.joined() + edges.joined()
            + refused.joined()
            + "}\n"
    }

    private static let outside = "client"
    private static let unknown = "unknown"

    /// In the order in which they first appear.
    private var participants: [String] {
        var names: [String] = []
        for event in trace.events {
            let from = event.issuedBy ?? (event.causationID == nil ? Self.outside : Self.unknown)
            for name in [from, event.process ?? Self.unknown] where !names.contains(name) { names.append(name) }
        }
        return names
    }

    private func name(_ participant: String, _ names: [String]) -> String {
        "p\(names.firstIndex(of: participant) ?? 0)"
    }

    /// Mermaid ends a message at a semicolon or a hash sign.
    private static func plain(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { "#;:\n\r".unicodeScalars.contains($0) ? "_" : $0 }))
    }
    private static func quoted(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    }

    private static func milliseconds(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        return "\(seconds * 1000 + attoseconds / 1_000_000_000_000_000) ms"
    }
}
