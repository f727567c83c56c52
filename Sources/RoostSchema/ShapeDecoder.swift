import Foundation
import RoostCore

extension Shape {
    /// Read off a type by decoding it from nothing: what it asks for is what its JSON has. Throws for a type that cannot be
    /// decoded from believable values, such as an enum with data or one that is recursive.
    package init<Value: Decodable>(of type: Value.Type) throws { self = try Self.read(type, depth: 0).shape }

    private static let depthMax = 32

    /// A value of the type, and its shape.
    fileprivate static func read<Value: Decodable>(
        _ type: Value.Type, depth: Int
    ) throws -> (value: Value, shape: Shape) {
        guard depth < depthMax else { throw UnreadableSchema("\(type) contains itself") }
        if let known = Self.known(type) { return known }
        if let choice = type as? any (CaseIterable & RawRepresentable).Type, let known = Self.choice(choice, type) {
            return known
        }
        let decoder = ShapeDecoder(depth: depth + 1)
        let value: Value
        do {
            value = try Value(from: decoder)
        } catch let error as UnreadableSchema {
            throw error
        } catch {
            throw UnreadableSchema(
                "the schema of \(type) cannot be read off it: use structs of plain values, optionals, lists and "
                    + "CaseIterable enums of String")
        }
        return (value, decoder.recorder.shape(of: type))
    }

    private static func known<Value>(_ type: Value.Type) -> (value: Value, shape: Shape)? {
        let all: [(any Sendable, Shape)] = [
            ("", .string), (true, .bool), (0.5, .number), (Float(0.5), .number),
            (Date(timeIntervalSince1970: 0), .number),
            (Timestamp(seconds: 0), .format("date-time")),
            (UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)), .format("uuid")),
            (URL(fileURLWithPath: "/"), .format("uri")), (Decimal(1), .number), (Data(), .string),
        ]
        let integers: [any Sendable] = [
            1, Int8(1), Int16(1), Int32(1), Int64(1), UInt(1), UInt8(1), UInt16(1), UInt32(1), UInt64(1),
        ]
        for (value, shape) in all + integers.map({ ($0, .integer) }) {
            if let value = value as? Value { return (value, shape) }
        }
        return nil
    }

    private static func choice<Choice: CaseIterable & RawRepresentable, Value>(
        _ choice: Choice.Type, _ type: Value.Type
    ) -> (value: Value, shape: Shape)? {
        let cases = Choice.allCases.compactMap { $0.rawValue as? String }
        guard cases.count == Choice.allCases.count, let value = Choice.allCases.first as? Value else { return nil }
        return (value, .choice(cases))
    }
}

/// Gives believable values and remembers what was asked for.
private struct ShapeDecoder: Decoder {
    let recorder = ShapeRecorder()
    let depth: Int
    let codingPath: [any CodingKey] = []
    let userInfo: [CodingUserInfoKey: Any] = [:]

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
        recorder.isObject = true
        return KeyedDecodingContainer(KeyedShape<Key>(recorder: recorder, depth: depth))
    }

    func unkeyedContainer() -> any UnkeyedDecodingContainer { UnkeyedShape(recorder: recorder, depth: depth) }
    func singleValueContainer() -> any SingleValueDecodingContainer { SingleShape(recorder: recorder, depth: depth) }
}

/// What one value was asked for.
private final class ShapeRecorder {
    var isObject = false
    var fields: [Shape.Field] = []
    var optionals: Set<String> = []
    var element: Shape?
    var single: Shape?

    func shape(of type: Any.Type) -> Shape {
        if let single { return single }
        if let element { return .array(element) }
        return type is any StringKeyed.Type ? .dictionary(fields.first?.shape ?? .string) : .object(fields)
    }

    func note(_ name: String, _ shape: Shape) {
        guard !fields.contains(where: { $0.name == name }) else { return }
        fields.append(Shape.Field(name: name, shape: shape, isRequired: !optionals.contains(name)))
    }
}

private protocol StringKeyed {}
extension Dictionary: StringKeyed where Key == String {}

private struct KeyedShape<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let recorder: ShapeRecorder
    let depth: Int
    let codingPath: [any CodingKey] = []
    /// What a dictionary asks for.
    var allKeys: [Key] { [Key(stringValue: "key")].compactMap { $0 } }

    func contains(_ key: Key) -> Bool { true }

    /// Asked before whatever may be missing.
    func decodeNil(forKey key: Key) -> Bool {
        recorder.optionals.insert(key.stringValue)
        return false
    }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        let (value, shape) = try Shape.read(type, depth: depth)
        recorder.note(key.stringValue, shape)
        return value
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> { throw UnreadableSchema("nested containers have no schema") }
    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        throw UnreadableSchema("nested containers have no schema")
    }
    func superDecoder() throws -> any Decoder { throw UnreadableSchema("classes have no schema") }
    func superDecoder(forKey key: Key) throws -> any Decoder { throw UnreadableSchema("classes have no schema") }
}

/// A list of one element.
private struct UnkeyedShape: UnkeyedDecodingContainer {
    let recorder: ShapeRecorder
    let depth: Int
    let codingPath: [any CodingKey] = []
    let count: Int? = 1
    private(set) var currentIndex = 0
    var isAtEnd: Bool { currentIndex > 0 }

    init(recorder: ShapeRecorder, depth: Int) {
        self.recorder = recorder
        self.depth = depth
    }

    mutating func decodeNil() -> Bool { false }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let (value, shape) = try Shape.read(type, depth: depth)
        recorder.element = shape
        currentIndex += 1
        return value
    }

    mutating func nestedContainer<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        throw UnreadableSchema("nested containers have no schema")
    }
    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        throw UnreadableSchema("nested containers have no schema")
    }
    mutating func superDecoder() throws -> any Decoder { throw UnreadableSchema("classes have no schema") }
}

private struct SingleShape: SingleValueDecodingContainer {
    let recorder: ShapeRecorder
    let depth: Int
    let codingPath: [any CodingKey] = []

    func decodeNil() -> Bool { false }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let (value, shape) = try Shape.read(type, depth: depth)
        recorder.single = shape
        return value
    }
}
