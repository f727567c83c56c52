/// Writes the elements of one array.
struct UnkeyedWriter: UnkeyedEncodingContainer {
    private let writer: JSONWriter
    private let depth: Int
    private let serial: UInt32
    private(set) var count = 0

    init(opening writer: JSONWriter, ordering: OpenContainer.Ordering) {
        self.writer = writer
        serial = writer.state.pointee.open(UInt8(ascii: "["), UInt8(ascii: "]"), ordering: ordering)
        depth = writer.state.pointee.depth
    }

    var codingPath: [any CodingKey] { [] }

    @inline(__always)
    private mutating func begin() throws {
        try writer.focus(depth, serial)
        writer.state.pointee.comma()
        count &+= 1
    }

    mutating func encodeNil() throws {
        try begin()
        writer.null()
    }
    mutating func encode(_ value: Bool) throws {
        try begin()
        writer.boolean(value)
    }
    mutating func encode(_ value: String) throws {
        try begin()
        writer.string(value)
    }
    @inline(__always)
    mutating func encode<Number: BinaryFloatingPoint & CustomStringConvertible & Encodable>(_ value: Number) throws {
        try begin()
        try writer.number(value)
    }
    @inline(__always)
    mutating func encode<Number: FixedWidthInteger & Encodable>(_ value: Number) throws {
        try begin()
        writer.integer(value)
    }
    mutating func encode<Value: Encodable>(_ value: Value) throws {
        try begin()
        try writer.value(value)
    }

    mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
        beginNested()
        return KeyedEncodingContainer(KeyedWriter<Nested>(opening: writer))
    }

    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        beginNested()
        return UnkeyedWriter(opening: writer, ordering: .asWritten)
    }

    mutating func superEncoder() -> any Encoder { writer.superEncoder() }

    private mutating func beginNested() {
        if writer.state.pointee.focus(depth, serial) {
            writer.state.pointee.comma()
            count &+= 1
        } else {
            writer.state.pointee.needsFoundation = true
        }
    }
}
