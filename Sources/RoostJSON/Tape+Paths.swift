/// From a path to a node and back, for messages.
extension Tape {
    /// The node a coding path leads to; nil when the document does not go that far.
    func node(at path: [any CodingKey]) -> Int? {
        var node = 0
        for key in path {
            if self[node].kind == .object, let member = member(of: node, key.stringValue) {
                node = member
            } else if self[node].kind == .array, let index = key.intValue, index < Int(self[node].count) {
                node += 1
                for _ in 0..<index { node = Int(self[node].next) }
            } else {
                return nil
            }
        }
        return node
    }

    /// As in `lines[0].quantity`; empty for the document itself.
    func path(to target: Int) -> String {
        var path = ""
        var container = 0
        while container < target {
            let isObject = self[container].kind == .object
            var index = 0
            var child = container + (isObject ? 2 : 1)
            while Int(self[child].next) <= target {
                child = Int(self[child].next) + (isObject ? 1 : 0)
                index += 1
            }
            if isObject { path += (path.isEmpty ? "" : ".") + (string(child - 1) ?? "") } else { path += "[\(index)]" }
            container = child
        }
        return path
    }
}

extension NodeKind {
    /// For a person.
    var name: String {
        switch self {
        case .null: "null"
        case .true, .false: "true or false"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}
