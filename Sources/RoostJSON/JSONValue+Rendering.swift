extension JSONValue {
    /// On one line, without spaces.
    public var compact: String { rendered(indent: nil) }
    /// Over several lines, indented by two spaces; short arrays of plain values on one line.
    public var prettyPrinted: String { rendered(indent: 0) }
    /// The same text as `compact`, as bytes.
    public var bytes: [UInt8] { Array(compact.utf8) }

    private func rendered(indent: Int?) -> String {
        var output = JSONOutput(capacity: 256)
        write(to: &output, indent)
        return String(decoding: output.bytes, as: UTF8.self)
    }

    private func write(to output: inout JSONOutput, _ indent: Int?) {
        switch self {
        case .null: output.put("null")
        case .bool(let value): output.put(value ? "true" : "false")
        case .integer(let value): output.put(integer: value)
        case .number(let value): if value.isFinite { output.put(value.description) } else { output.put("null") }
        case .string(let value): output.put(string: value)
        case .array(let elements): write(elements, to: &output, indent)
        case .object(let object): write(object, to: &output, indent)
        }
    }

    private func write(_ elements: [JSONValue], to output: inout JSONOutput, _ indent: Int?) {
        let isShort = elements.count <= 8 && elements.allSatisfy(\.isPlain)
        let inner = isShort ? nil : indent.map { $0 + 1 }
        output.put(UInt8(ascii: "["))
        for (index, element) in elements.enumerated() {
            if index > 0 { output.put(indent != nil && isShort ? ", " : ",") }
            Self.newLine(&output, inner)
            element.write(to: &output, inner)
        }
        if !elements.isEmpty, !isShort { Self.newLine(&output, indent) }
        output.put(UInt8(ascii: "]"))
    }

    private func write(_ object: JSONObject, to output: inout JSONOutput, _ indent: Int?) {
        let inner = indent.map { $0 + 1 }
        output.put(UInt8(ascii: "{"))
        for (index, member) in object.members.enumerated() {
            if index > 0 { output.put(UInt8(ascii: ",")) }
            Self.newLine(&output, inner)
            output.put(string: member.key)
            output.put(indent == nil ? ":" : ": ")
            member.value.write(to: &output, inner)
        }
        if !object.members.isEmpty { Self.newLine(&output, indent) }
        output.put(UInt8(ascii: "}"))
    }

    private var isPlain: Bool {
        switch self {
        case .array, .object: false
        default: true
        }
    }

    private static func newLine(_ output: inout JSONOutput, _ indent: Int?) {
        guard let indent else { return }
        output.put(UInt8(ascii: "\n"))
        for _ in 0..<indent { output.put("  ") }
    }
}
