import Foundation
import RoostJSON
import Testing

/// Writes to a container after it has gone on to another.
private struct GoingBack: Codable, Equatable {
    var first = 1
    var inner = 2
    var last = 3
    enum Key: String, CodingKey { case first, inner, last }

    init() {}
    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        first = try container.decode(Int.self, forKey: .first)
        last = try container.decode(Int.self, forKey: .last)
        inner = try container.nestedContainer(keyedBy: Key.self, forKey: .inner).decode(Int.self, forKey: .inner)
    }
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        var nested = container.nestedContainer(keyedBy: Key.self, forKey: .inner)
        try container.encode(first, forKey: .first)
        try nested.encode(inner, forKey: .inner)
        var again = encoder.container(keyedBy: Key.self)
        try again.encode(last, forKey: .last)
    }
}

private class Base: Codable {
    var base = "b"
}

private final class Derived: Base {
    var own = 7
    enum Key: String, CodingKey { case own }
    override init() { super.init() }
    required init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        own = try container.decode(Int.self, forKey: .own)
        try super.init(from: container.superDecoder())
    }
    override func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try super.encode(to: container.superEncoder())
        try container.encode(own, forKey: .own)
    }
}

@Test("A value that goes back to an earlier container is written as Foundation writes it")
func goingBack() throws {
    let bytes = try JSONPayloadEncoder().bytes([GoingBack()])
    #expect(String(decoding: bytes, as: UTF8.self) == #"[{"first":1,"inner":{"inner":2},"last":3}]"#)
    #expect(try JSONPayloadDecoder().decode([GoingBack].self, from: bytes) == [GoingBack()])
}

@Test("A class and its superclass are written and read")
func superclass() throws {
    let value = Derived()
    value.base = "other"
    let bytes = try JSONPayloadEncoder().bytes(value)
    #expect(String(decoding: bytes, as: UTF8.self) == #"{"own":7,"super":{"base":"other"}}"#)
    let decoded = try JSONPayloadDecoder().decode(Derived.self, from: bytes)
    #expect(decoded.own == 7 && decoded.base == "other")
}

@Test("What JSON cannot say is refused with its path, and the encoder goes on working")
func unencodable() throws {
    let encoder = JSONPayloadEncoder()
    let error = #expect(throws: EncodingError.self) { try encoder.bytes(["a": [1.0, .infinity]]) }
    guard case .invalidValue(_, let context)? = error else { return }
    #expect(context.codingPath.map(\.stringValue) == ["a", "Index 1"])
    #expect(try encoder.bytes([1.5]) == Array("[1.5]".utf8))
}

@Test("A type that tries one shape and then another finds the second")
func alternatives() throws {
    struct Either: Decodable, Equatable {
        var values: [String]
        init(from decoder: any Decoder) throws {
            do {
                var container = try decoder.unkeyedContainer()
                values = []
                while !container.isAtEnd {
                    do {
                        values.append(String(try container.decode(Int.self)))
                    } catch DecodingError.typeMismatch {
                        values.append(try container.decode(String.self))
                    }
                }
            } catch DecodingError.typeMismatch {
                values = [try decoder.singleValueContainer().decode(String.self)]
            }
        }
    }
    #expect(try JSONPayloadDecoder().decode(Either.self, from: Array(#"["a",1,"b"]"#.utf8)).values == ["a", "1", "b"])
    #expect(try JSONPayloadDecoder().decode(Either.self, from: Array(#""a""#.utf8)).values == ["a"])
}

@Test("What a value throws itself is passed on unchanged")
func ownError() {
    struct Refusal: Error, Equatable {}
    struct Picky: Decodable { init(from decoder: any Decoder) throws { throw Refusal() } }
    #expect(throws: Refusal.self) { try JSONPayloadDecoder().decode([Picky].self, from: Array("[1]".utf8)) }
}

@Test("The bytes of a value depend on the value only, in whatever process it is encoded")
func sameInEveryProcess() throws {
    var generator = SeededGenerator(seed: 5)
    var digest: UInt64 = 0xcbf2_9ce4_8422_2325
    for _ in 0..<300 {
        for byte in try JSONPayloadEncoder().bytes(generator.everything()) {
            digest = (digest ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
        }
    }
    #expect(digest == 15_728_941_341_391_994_617)
}
