package import RoostJSON

/// A field of a state that an event changed: where it is, and what it was and became. A field that was not there is null.
package struct FieldChange: Codable, Hashable, Sendable {
    /// `status`, `address.country`, `lines[0].quantity`; `state` for a state without fields.
    package let field: String
    package let before: JSONValue
    package let after: JSONValue

    /// Every difference between two states, in the order of their fields; with a path only those of what is there. A list
    /// that grew or shrank is one change.
    package static func between(_ before: JSONValue, _ after: JSONValue, at path: String? = nil) -> [FieldChange] {
        guard let path else { return changes(at: "", before, after) }
        return changes(at: path, before.value(at: path) ?? .null, after.value(at: path) ?? .null)
    }

    private static func changes(at path: String, _ before: JSONValue, _ after: JSONValue) -> [FieldChange] {
        guard before != after else { return [] }
        switch (before, after) {
        case (.object(let old), .object(let new)):
            let added = new.members.map(\.key).filter { old[$0] == nil }
            return (old.members.map(\.key) + added).flatMap { key in
                changes(at: path.isEmpty ? key : "\(path).\(key)", old[key] ?? .null, new[key] ?? .null)
            }
        case (.array(let old), .array(let new)) where old.count == new.count:
            return old.indices.flatMap { changes(at: "\(path)[\($0)]", old[$0], new[$0]) }
        default:
            return [FieldChange(field: path.isEmpty ? "state" : path, before: before, after: after)]
        }
    }
}

extension JSONValue {
    /// What stands at a path such as `address.country` or `lines[0].quantity`; nil when nothing does.
    func value(at path: String) -> JSONValue? {
        var value: JSONValue? = self
        for part in path.split(separator: ".", omittingEmptySubsequences: false) {
            let steps = part.split(separator: "[", omittingEmptySubsequences: false)
            value = value?[String(steps.first ?? "")]
            for step in steps.dropFirst() {
                guard step.hasSuffix("]"), let index = Int(step.dropLast()) else { return nil }
                value = value?[index]
            }
        }
        return value
    }
}
