/// Reads the members of one object.
struct KeyedReader<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let tape: Tape
    let object: Int

    var codingPath: [any CodingKey] { [] }
    /// Whoever takes a key from here has seen it.
    var allKeys: [Key] {
        let keys = tape.keys(of: object).compactMap { Key(stringValue: $0) }
        if tape.state.pointee.asked != nil { for key in keys { tape.note(key.stringValue, of: object) } }
        return keys
    }

    @inline(__always)
    private func node(_ key: Key) throws -> Int {
        guard let node = tape.member(of: object, key.stringValue) else { throw missing(key) }
        return node
    }

    /// nil for a missing member and for null.
    @inline(__always)
    private func present(_ key: Key) -> Int? {
        guard let node = tape.member(of: object, key.stringValue), !tape.isNull(node) else { return nil }
        return node
    }

    @inline(never)
    private func missing(_ key: Key) -> DecodingError {
        .keyNotFound(key, DecodingError.Context(codingPath: [], debugDescription: ""))
    }

    func contains(_ key: Key) -> Bool { tape.member(of: object, key.stringValue) != nil }
    func decodeNil(forKey key: Key) throws -> Bool { tape.isNull(try node(key)) }

    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try tape.value(type, node(key)) }
    func decode(_ type: String.Type, forKey key: Key) throws -> String { try tape.value(type, node(key)) }
    func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try tape.value(type, node(key)) }
    func decode(_ type: Float.Type, forKey key: Key) throws -> Float { try tape.value(type, node(key)) }
    @inline(__always)
    func decode<Number: FixedWidthInteger & Decodable>(_ type: Number.Type, forKey key: Key) throws -> Number {
        try tape.value(type, node(key))
    }
    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        try tape.value(type, node(key))
    }

    func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? {
        try present(key).map { try tape.value(type, $0) }
    }
    func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? {
        try present(key).map { try tape.value(type, $0) }
    }
    func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? {
        try present(key).map { try tape.value(type, $0) }
    }
    func decodeIfPresent(_ type: Float.Type, forKey key: Key) throws -> Float? {
        try present(key).map { try tape.value(type, $0) }
    }
    @inline(__always)
    func decodeIfPresent<Number: FixedWidthInteger & Decodable>(
        _ type: Number.Type, forKey key: Key
    ) throws -> Number? {
        try present(key).map { try tape.value(type, $0) }
    }
    func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
        try present(key).map { try tape.value(type, $0) }
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        try TapeDecoder(tape: tape, node: node(key)).container(keyedBy: type)
    }
    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try TapeDecoder(tape: tape, node: node(key)).unkeyedContainer()
    }
    func superDecoder() throws -> any Decoder {
        guard let node = tape.member(of: object, "super") else { throw NeedsFoundation() }
        return TapeDecoder(tape: tape, node: node)
    }
    func superDecoder(forKey key: Key) throws -> any Decoder { TapeDecoder(tape: tape, node: try node(key)) }
}
