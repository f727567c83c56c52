extension JSONValue {
    /// The document that a value is encoded as.
    public init(encoding value: some Encodable) throws {
        self = try JSONPayloadEncoder().encode(value) { try JSONValue.parse($0) }
    }

    /// The value that this document encodes.
    public func decode<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
        try JSONPayloadDecoder().decode(type, from: bytes)
    }
}

extension JSONValue: Codable {
    /// Any key.
    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    /// Writes the document itself, its members in their order.
    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .array(let elements):
            var container = encoder.unkeyedContainer()
            for element in elements { try container.encode(element) }
        case .object(let object):
            var container = encoder.container(keyedBy: Key.self)
            for member in object.members { try container.encode(member.value, forKey: Key(stringValue: member.key)) }
        default:
            var container = encoder.singleValueContainer()
            try encodePlain(to: &container)
        }
    }

    private func encodePlain(to container: inout any SingleValueEncodingContainer) throws {
        switch self {
        case .bool(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        default: try container.encodeNil()
        }
    }

    /// Reads any document. Keys keep their order when `JSONPayloadDecoder` decodes; other decoders choose their own.
    public init(from decoder: any Decoder) throws {
        if let decoder = decoder as? TapeDecoder {
            decoder.tape.noteAll(in: decoder.node)
            var reader = DocumentReader(tape: decoder.tape, node: decoder.node)
            self = try reader.value()
        } else if let container = attempt({ try decoder.container(keyedBy: Key.self) }) {
            self = .object(try Self.object(container))
        } else if var container = attempt({ try decoder.unkeyedContainer() }) {
            self = .array(try Self.array(&container))
        } else {
            self = try Self.plain(decoder.singleValueContainer())
        }
    }

    private static func object(_ container: KeyedDecodingContainer<Key>) throws -> JSONObject {
        try container.allKeys.reduce(into: JSONObject()) {
            $0[$1.stringValue] = try container.decode(JSONValue.self, forKey: $1)
        }
    }

    private static func array(_ container: inout any UnkeyedDecodingContainer) throws -> [JSONValue] {
        var elements: [JSONValue] = []
        while !container.isAtEnd { elements.append(try container.decode(JSONValue.self)) }
        return elements
    }

    private static func plain(_ container: any SingleValueDecodingContainer) throws -> JSONValue {
        if container.decodeNil() { return .null }
        if let value = attempt({ try container.decode(Bool.self) }) { return .bool(value) }
        if let value = attempt({ try container.decode(Int64.self) }) { return .integer(value) }
        if let value = attempt({ try container.decode(Double.self) }) { return .number(value) }
        return .string(try container.decode(String.self))
    }
}

/// nil when the decoder holds something else.
private func attempt<Value>(_ decode: () throws -> Value) -> Value? {
    do { return try decode() } catch { return nil }
}
