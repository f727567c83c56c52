extension JSONValue {
    /// The same bytes for the same content: compact, the members of every object in the order of their keys.
    public var canonicalBytes: [UInt8] { sortedByKey.bytes }

    private var sortedByKey: JSONValue {
        switch self {
        case .array(let elements): return .array(elements.map(\.sortedByKey))
        case .object(let object):
            var sorted = JSONObject()
            for member in object.members.sorted(by: { $0.key < $1.key }) {
                sorted.append(member.key, member.value.sortedByKey)
            }
            return .object(sorted)
        default: return self
        }
    }
}
