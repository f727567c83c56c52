/// Which members of a document a value was made of.
extension Tape {
    /// Somebody asks an object for a key.
    @inline(never)
    func note(_ key: String, of object: Int) { state.pointee.asked?[object, default: []].insert(key) }

    /// Somebody takes a value with all it contains.
    func noteAll(in node: Int) {
        guard state.pointee.asked != nil else { return }
        for object in node..<Int(self[node].next) where self[object].kind == .object {
            for key in keys(of: object) { note(key, of: object) }
        }
    }

    /// The first member that nobody asked for, as the node of its value. Never one inside another such member.
    func unasked(in node: Int = 0) -> (member: Int, key: String, known: Set<String>)? {
        guard let asked = state.pointee.asked else { return nil }
        let isObject = self[node].kind == .object
        guard isObject || self[node].kind == .array else { return nil }
        let known = asked[node] ?? []
        var index = node + 1
        while index < Int(self[node].next) {
            let value = isObject ? index + 1 : index
            let key = isObject ? string(index) ?? "" : ""
            if isObject, !known.contains(key) { return (value, key, known) }
            if let found = unasked(in: value) { return found }
            index = Int(self[value].next)
        }
        return nil
    }
}
