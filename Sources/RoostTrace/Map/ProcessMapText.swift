/// A process map in the languages of others, and for a terminal.
package struct ProcessMapText: Sendable {
    private let map: ProcessMap

    package init(_ map: ProcessMap) { self.map = map }

    /// A flowchart as Mermaid draws it.
    package var mermaid: String {
        let nodes = map.nodes.enumerated().map { number, node in
            "    n\(number)[\"\(Self.plain(node.type))<br/>\(node.count)\"]\n"
        }
        let edges = map.edges.map { edge in
            "    n\(number(of: edge.from)) -->|\"\(edge.count) · \(ProcessMap.words(edge.median))\"| n\(number(of: edge.to))\n"
        }
        return "flowchart LR\n" + nodes.joined() + edges.joined()
    }

    /// A directed graph as Graphviz draws it.
    package var dot: String {
        let most = Double(map.edges.first?.count ?? 1)
        let nodes = map.nodes.map { node in
            "    \(Self.quoted(node.type)) [label=\"\(Self.escaped(node.type))\\n\(node.count)\"];\n"
        }
        let edges = map.edges.map { edge in
            let width = (1 + 3 * Double(edge.count) / most)
            let label = "\(edge.count)\\n\(ProcessMap.words(edge.median))"
            return "    \(Self.quoted(edge.from)) -> \(Self.quoted(edge.to)) [label=\"\(label)\", "
                + "penwidth=\(Double(Int(width * 10)) / 10)];\n"
        }
        return "digraph process {\n    rankdir=LR;\n    node [shape=box, style=rounded, fontname=\"sans-serif\"];\n"
            + "    edge [fontname=\"sans-serif\", fontsize=10];\n" + nodes.joined() + edges.joined() + "}\n"
    }

    private func number(of type: String) -> Int { map.nodes.firstIndex { $0.type == type } ?? 0 }

    private static func plain(_ text: String) -> String { text.replacing("\"", with: "'") }

    private static func quoted(_ text: String) -> String { "\"\(escaped(text))\"" }

    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    }
}
