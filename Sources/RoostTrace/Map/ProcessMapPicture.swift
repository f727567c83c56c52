/// A process map as a picture: causes to the left of their effects, arrows as thick as they are frequent.
package struct ProcessMapPicture: Sendable {
    private static let height = 54
    /// Of a letter of a type's name, at most.
    private static let letter = 9
    private static let gap = (x: 130, y: 36)
    private static let margin = 24

    private struct Place {
        let column: Int
        let row: Int
        let width: Int
        var x: Int { margin + column * (width + gap.x) }
        var y: Int { margin + row * (height + gap.y) }
        var middle: Int { y + height / 2 }
    }

    private let map: ProcessMap
    private let places: [String: Place]
    /// Of every box.
    private let width: Int

    package init(_ map: ProcessMap) {
        self.map = map
        var rows: [Int: Int] = [:]
        var places: [String: Place] = [:]
        let columns = Self.columns(map)
        width = max(190, (map.nodes.map(\.type.count).max() ?? 0) * Self.letter + 20)
        for node in map.nodes.sorted(by: { columns[$0.type, default: 0] < columns[$1.type, default: 0] }) {
            let column = columns[node.type, default: 0]
            places[node.type] = Place(column: column, row: rows[column, default: 0], width: width)
            rows[column, default: 0] += 1
        }
        self.places = places
    }

    /// How many steps each type is from those that mostly begin chains, along the shortest paths.
    private static func columns(_ map: ProcessMap) -> [String: Int] {
        var columns: [String: Int] = [:]
        var next = map.nodes.filter { $0.starts * 2 >= $0.count }.map(\.type)
        if next.isEmpty { next = map.nodes.prefix(1).map(\.type) }
        for type in next { columns[type] = 0 }
        while !next.isEmpty {
            var found: [String] = []
            for edge in map.edges where next.contains(edge.from) && columns[edge.to] == nil {
                columns[edge.to] = columns[edge.from, default: 0] + 1
                found.append(edge.to)
            }
            next = found
        }
        return columns
    }

    /// A whole SVG document; texts are real texts.
    package var svg: String {
        let width = (places.values.map(\.x).max() ?? 0) + width + Self.margin
        let loops = map.edges.contains { leadsBack($0) } ? Self.gap.y + 30 : 0
        let height = (places.values.map(\.y).max() ?? 0) + Self.height + Self.margin + loops
        return """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(height)" width="\(width)" height="\(height)" \
            style="max-width: 100%; height: auto" font-family="system-ui, sans-serif" font-size="13">
            <title>Process map: \(map.events) events in \(map.chains) chains</title>
            <defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" \
            markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0 8 4 0 8Z" fill="#4a5568"/></marker></defs>
            <rect width="100%" height="100%" fill="#ffffff"/>
            \(map.edges.map(arrow).joined())\(map.nodes.map(drawn).joined())</svg>

            """
    }

    private func drawn(_ node: ProcessMap.Node) -> String {
        guard let place = places[node.type] else { return "" }
        let middle = place.x + width / 2
        let stroke = node.starts > 0 ? "#2b6cb0" : "#718096"
        return """
            <rect x="\(place.x)" y="\(place.y)" width="\(width)" height="\(Self.height)" rx="8" \
            fill="#f7fafc" stroke="\(stroke)" stroke-width="1.5"/>
            <text x="\(middle)" y="\(place.y + 23)" text-anchor="middle" font-weight="600">\(Self.escaped(node.type))</text>
            <text x="\(middle)" y="\(place.y + 41)" text-anchor="middle" fill="#4a5568">\(Self.count(node))</text>

            """
    }

    private static func count(_ node: ProcessMap.Node) -> String {
        node.starts > 0 ? "\(node.count), \(node.starts) begin a chain" : "\(node.count)"
    }

    private func leadsBack(_ edge: ProcessMap.Edge) -> Bool {
        guard let from = places[edge.from], let to = places[edge.to] else { return false }
        return to.column <= from.column
    }

    private func arrow(_ edge: ProcessMap.Edge) -> String {
        guard let from = places[edge.from], let to = places[edge.to] else { return "" }
        let most = max(1, map.edges.first?.count ?? 1)
        let thickness = Double(10 + 30 * edge.count / most) / 10
        let label = "\(edge.count) · \(ProcessMap.words(edge.median))"
        let (path, x, y) = leadsBack(edge) ? back(from, to) : forth(from, to)
        return """
            <path d="\(path)" fill="none" stroke="#4a5568" stroke-width="\(thickness)" marker-end="url(#tip)"/>
            <text x="\(x)" y="\(y)" text-anchor="middle" fill="#2d3748" stroke="#ffffff" stroke-width="4" \
            paint-order="stroke">\(label)</text>

            """
    }

    private func forth(_ from: Place, _ to: Place) -> (path: String, x: Int, y: Int) {
        let (start, end) = (from.x + width, to.x - 2)
        let bend = (end - start) / 2
        let path =
            "M\(start) \(from.middle)C\(start + bend) \(from.middle) \(end - bend) \(to.middle) \(end) \(to.middle)"
        return (path, (start + end) / 2, (from.middle + to.middle) / 2 - 6)
    }

    /// Below both boxes.
    private func back(_ from: Place, _ to: Place) -> (path: String, x: Int, y: Int) {
        let (start, end) = (from.x + width / 2, to.x + width / 2 + (from.x == to.x ? 30 : 0))
        let (top, low) = (from.y + Self.height, max(from.y, to.y) + Self.height + 34)
        let path = "M\(start) \(top)C\(start) \(low) \(end) \(low) \(end) \(to.y + Self.height + 2)"
        return (path, (start + end) / 2, low)
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}
