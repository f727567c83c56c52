/// Writes the members of one object.
struct KeyedWriter<Key: CodingKey>: KeyedEncodingContainerProtocol {
    private let writer: JSONWriter
    private let depth: Int
    private let serial: UInt32

    @inline(__always)
    init(opening writer: JSONWriter) {
        self.writer = writer
        serial = writer.state.pointee.open(
            UInt8(ascii: "{"), UInt8(ascii: "}"),
            ordering: ObjectIdentifier(Key.self) == DictionaryKeys.type ? .byMember : .asWritten)
        depth = writer.state.pointee.depth
    }

    var codingPath: [any CodingKey] { [] }

    @inline(__always)
    private func begin(_ key: Key) throws {
        try writer.focus(depth, serial)
        writer.key(key)
    }

    func encodeNil(forKey key: Key) throws {
        try begin(key)
        writer.null()
    }
    func encode(_ value: Bool, forKey key: Key) throws {
        try begin(key)
        writer.boolean(value)
    }
    func encode(_ value: String, forKey key: Key) throws {
        try begin(key)
        writer.string(value)
    }
    @inline(__always)
    func encode<Number: BinaryFloatingPoint & CustomStringConvertible & Encodable>(
        _ value: Number, forKey key: Key
    ) throws {
        try begin(key)
        try writer.number(value)
    }
    @inline(__always)
    func encode<Number: FixedWidthInteger & Encodable>(_ value: Number, forKey key: Key) throws {
        try begin(key)
        writer.integer(value)
    }
    func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
        try begin(key)
        try writer.value(value)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        beginNested(key)
        return KeyedEncodingContainer(KeyedWriter<Nested>(opening: writer))
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        beginNested(key)
        return UnkeyedWriter(opening: writer, ordering: .asWritten)
    }

    func superEncoder() -> any Encoder { writer.superEncoder() }
    func superEncoder(forKey key: Key) -> any Encoder { writer.superEncoder() }

    private func beginNested(_ key: Key) {
        if writer.state.pointee.focus(depth, serial) {
            writer.key(key)
        } else {
            writer.state.pointee.needsFoundation = true
        }
    }
}

extension JSONWriter {
    /// A superclass writes into an encoder of its own, in an order nobody prescribes: left to Foundation.
    func superEncoder() -> any Encoder {
        state.pointee.needsFoundation = true
        return ValueEncoder(writer: self, start: state.pointee.output.count, type: Never.self)
    }
}
