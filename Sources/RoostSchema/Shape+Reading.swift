/// Whether who knows one shape understands everything that has another.
extension Shape {
    /// Why a reader of this shape cannot read what has the shape `written`; empty when it can. `path` says where, as in
    /// `items[].sku`.
    package func obstacles(reading written: Shape, at path: String = "") -> [String] {
        switch (self, written) {
        case (.string, .choice), (.string, .format), (.number, .integer): return []
        case (.choice(let known), .choice(let cases)):
            let unknown = cases.filter { !known.contains($0) }
            return unknown.isEmpty ? [] : ["\(Self.words(path)) may be \(unknown.joined(separator: ", "))"]
        case (.array(let reader), .array(let writer)): return reader.obstacles(reading: writer, at: path + "[]")
        case (.dictionary(let reader), .dictionary(let writer)):
            return reader.obstacles(reading: writer, at: path + ".*")
        case (.object(let known), .object(let fields)): return Self.obstacles(known, fields, path)
        default:
            return self == written ? [] : ["\(Self.words(path)) is \(written), expected \(self)"]
        }
    }

    private static func obstacles(_ known: [Field], _ written: [Field], _ path: String) -> [String] {
        known.flatMap { field -> [String] in
            let inner = path.isEmpty ? field.name : "\(path).\(field.name)"
            guard let other = written.first(where: { $0.name == field.name }) else {
                return field.isRequired ? ["\(inner) is required and not there"] : []
            }
            let missing = field.isRequired && !other.isRequired ? ["\(inner) is required and may be missing"] : []
            return missing + field.shape.obstacles(reading: other.shape, at: inner)
        }
    }

    private static func words(_ path: String) -> String { path.isEmpty ? "the whole" : path }
}
