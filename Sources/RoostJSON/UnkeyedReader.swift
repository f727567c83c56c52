/// Reads the elements of one array, one after the other.
struct UnkeyedReader: UnkeyedDecodingContainer {
    private let tape: Tape
    private let array: Int
    private var node: Int
    private(set) var currentIndex = 0

    init(tape: Tape, array: Int) {
        self.tape = tape
        self.array = array
        node = array &+ 1
    }

    var codingPath: [any CodingKey] { [] }
    var count: Int? { Int(tape[array].count) }
    var isAtEnd: Bool { node >= Int(tape[array].next) }

    /// An element that cannot be decoded as one type stays current, so that another can be tried.
    @inline(__always)
    private mutating func element<Value>(_ type: Value.Type, _ read: (Tape, Int) throws -> Value) throws -> Value {
        guard !isAtEnd else {
            throw DecodingError.valueNotFound(type, DecodingError.Context(codingPath: [], debugDescription: ""))
        }
        let value = try read(tape, node)
        node = Int(tape[node].next)
        currentIndex &+= 1
        return value
    }

    mutating func decodeNil() throws -> Bool {
        if !isAtEnd, !tape.isNull(node) { return false }
        return try element(Never?.self) { _, _ in nil } == nil
    }

    mutating func decode(_ type: Bool.Type) throws -> Bool { try element(type) { try $0.value(type, $1) } }
    mutating func decode(_ type: String.Type) throws -> String { try element(type) { try $0.value(type, $1) } }
    mutating func decode(_ type: Double.Type) throws -> Double { try element(type) { try $0.value(type, $1) } }
    mutating func decode(_ type: Float.Type) throws -> Float { try element(type) { try $0.value(type, $1) } }
    @inline(__always)
    mutating func decode<Number: FixedWidthInteger & Decodable>(_ type: Number.Type) throws -> Number {
        try element(type) { try $0.value(type, $1) }
    }
    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        try element(type) { try $0.value(type, $1) }
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> {
        try element(KeyedDecodingContainer<Nested>.self) {
            try TapeDecoder(tape: $0, node: $1).container(keyedBy: type)
        }
    }
    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try element((any UnkeyedDecodingContainer).self) { try TapeDecoder(tape: $0, node: $1).unkeyedContainer() }
    }
    mutating func superDecoder() throws -> any Decoder {
        try element((any Decoder).self) { TapeDecoder(tape: $0, node: $1) }
    }
}
