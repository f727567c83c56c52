import Foundation

/// Decodes one node of a tape.
struct TapeDecoder: Decoder {
    let tape: Tape
    let node: Int

    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard tape[node].kind == .object else { throw tape.mismatch([String: Any].self, at: node) }
        return KeyedDecodingContainer(KeyedReader<Key>(tape: tape, object: node))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard tape[node].kind == .array else { throw tape.mismatch([Any].self, at: node) }
        return UnkeyedReader(tape: tape, array: node)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { self }
}

extension TapeDecoder: SingleValueDecodingContainer {
    func decodeNil() -> Bool { tape.isNull(node) }
    func decode(_ type: Bool.Type) throws -> Bool { try tape.value(type, node) }
    func decode(_ type: String.Type) throws -> String { try tape.value(type, node) }
    func decode(_ type: Double.Type) throws -> Double { try tape.value(type, node) }
    func decode(_ type: Float.Type) throws -> Float { try tape.value(type, node) }
    @inline(__always)
    func decode<Number: FixedWidthInteger & Decodable>(_ type: Number.Type) throws -> Number {
        try tape.value(type, node)
    }
    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try tape.value(type, node) }
}

/// A node as a value of a type.
extension Tape {
    @inline(__always)
    func value(_ type: Bool.Type, _ node: Int) throws -> Bool {
        guard let value = boolean(node) else { throw mismatch(type, at: node) }
        return value
    }
    @inline(__always)
    func value(_ type: String.Type, _ node: Int) throws -> String {
        guard let value = string(node) else { throw mismatch(type, at: node) }
        return value
    }
    @inline(__always)
    func value(_ type: Double.Type, _ node: Int) throws -> Double {
        guard let value = double(node) else { throw mismatch(type, at: node) }
        return value
    }
    @inline(__always)
    func value(_ type: Float.Type, _ node: Int) throws -> Float {
        guard let value: Float = number(node) else { throw mismatch(type, at: node) }
        return value
    }
    @inline(__always)
    func value<Number: FixedWidthInteger & Decodable>(_ type: Number.Type, _ node: Int) throws -> Number {
        guard let value: Number = integer(node) else { throw mismatch(type, at: node) }
        return value
    }
    @inline(__always)
    func value<Value: Decodable>(_ type: Value.Type, _ node: Int) throws -> Value {
        if let value = try special(type, node) { return value }
        return try Value(from: TapeDecoder(tape: self, node: node))
    }

    /// The few types that JSON writes in another way than they write themselves.
    @inline(__always)
    private func special<Value>(_ type: Value.Type, _ node: Int) throws -> Value? {
        guard type == Data.self || type == URL.self || type == Decimal.self else { return nil }
        return try foundation(type, node)
    }

    private func foundation<Value>(_ type: Value.Type, _ node: Int) throws -> Value? {
        let value: Any? =
            if type == Data.self {
                string(node).flatMap { Data(base64Encoded: $0) }
            } else if type == URL.self {
                string(node).flatMap { URL(string: $0) }
            } else {
                decimal(node)
            }
        guard let value = value as? Value else { throw mismatch(type, at: node) }
        return value
    }

    /// Without a path: when it matters, Foundation finds it.
    @inline(never)
    func mismatch(_ type: any Any.Type, at node: Int) -> DecodingError {
        if self[node].kind == .number { state.pointee.misfit = node }
        let context = DecodingError.Context(codingPath: [], debugDescription: "")
        return isNull(node) ? .valueNotFound(type, context) : .typeMismatch(type, context)
    }
}
