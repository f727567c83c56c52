/// Encodes one value at one place of the output.
struct ValueEncoder: Encoder {
    let writer: JSONWriter
    /// Where the value begins. A second container for the same value finds the output longer.
    let start: Int
    let type: any Any.Type

    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        checkFirst()
        return KeyedEncodingContainer(KeyedWriter<Key>(opening: writer))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        checkFirst()
        return UnkeyedWriter(opening: writer, ordering: (type as? any Unordered.Type)?.ordering ?? .asWritten)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { self }

    @inline(__always)
    private func checkFirst() {
        if writer.state.pointee.output.count != start { writer.state.pointee.needsFoundation = true }
    }
}

extension ValueEncoder: SingleValueEncodingContainer {
    func encodeNil() throws {
        checkFirst()
        writer.null()
    }
    func encode(_ value: Bool) throws {
        checkFirst()
        writer.boolean(value)
    }
    func encode(_ value: String) throws {
        checkFirst()
        writer.string(value)
    }
    @inline(__always)
    func encode<Number: BinaryFloatingPoint & CustomStringConvertible & Encodable>(_ value: Number) throws {
        checkFirst()
        try writer.number(value)
    }
    @inline(__always)
    func encode<Number: FixedWidthInteger & Encodable>(_ value: Number) throws {
        checkFirst()
        writer.integer(value)
    }
    func encode<Value: Encodable>(_ value: Value) throws {
        checkFirst()
        try writer.value(value)
    }
}

/// A collection that writes itself as an array in an order of no meaning.
private protocol Unordered { static var ordering: OpenContainer.Ordering { get } }
extension Set: Unordered { fileprivate static var ordering: OpenContainer.Ordering { .byMember } }
extension Dictionary: Unordered { fileprivate static var ordering: OpenContainer.Ordering { .byPair } }
