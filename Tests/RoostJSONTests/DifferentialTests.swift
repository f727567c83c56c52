import Foundation
import RoostJSON
import Testing

/// One round: every way from a value to bytes and back gives the value.
private func roundTrip<Value: Codable & Equatable>(
    _ value: Value, _ encoder: JSONPayloadEncoder, _ decoder: JSONPayloadDecoder
) throws -> Bool {
    let own = try encoder.bytes(value)
    let foundation = try JSONEncoder().encode(value)
    return try decoder.decode(Value.self, from: own) == value
        && decoder.decode(Value.self, from: Array(foundation)) == value
        && JSONDecoder().decode(Value.self, from: Data(own)) == value
}

@Test("1,000 values with fields of every kind survive every way between this codec and Foundation")
func everythingSurvives() throws {
    var generator = SeededGenerator(seed: 1)
    let (encoder, decoder) = (JSONPayloadEncoder(), JSONPayloadDecoder())
    for round in 0..<1000 {
        let value = generator.everything()
        #expect(try roundTrip(value, encoder, decoder), "round \(round) of seed 1")
    }
}

@Test("20,000 small values of many types survive every way between this codec and Foundation")
func smallValuesSurvive() throws {
    var generator = SeededGenerator(seed: 2)
    let (encoder, decoder) = (JSONPayloadEncoder(), JSONPayloadDecoder())
    for round in 0..<2500 {
        let survives = [
            try roundTrip(generator.text(), encoder, decoder),
            try roundTrip(generator.double(), encoder, decoder),
            try roundTrip(generator.float(), encoder, decoder),
            try roundTrip([generator.integer() as UInt64, generator.integer()], encoder, decoder),
            try roundTrip(generator.integer() as Int64, encoder, decoder),
            try roundTrip(generator.shape(), encoder, decoder),
            try roundTrip(generator.list(4) { $0.optional { $0.text() } }, encoder, decoder),
            try roundTrip([generator.text(): [generator.text(): generator.bool()]], encoder, decoder),
        ]
        #expect(survives.allSatisfy { $0 }, "round \(round) of seed 2: \(survives)")
    }
}

@Test("Documents mean the same to this codec and to Foundation, whatever their shape")
func documentsAgree() throws {
    var generator = SeededGenerator(seed: 3)
    for round in 0..<400 {
        let bytes = try JSONPayloadEncoder().bytes(generator.everything(depth: 1))
        let own = try JSONValue.parse(bytes)
        let foundation = try JSONDecoder().decode(JSONValue.self, from: Data(bytes))
        #expect(try canonical(own) == canonical(foundation), "round \(round) of seed 3")
        #expect(try JSONValue.parse(own.compact) == own, "round \(round) of seed 3")
        #expect(try JSONValue.parse(own.prettyPrinted) == own, "round \(round) of seed 3")
    }
}

/// Sorted keys and one kind of number, as Foundation keeps no order and reads `1e2` as an integer.
private func canonical(_ value: JSONValue) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return try encoder.encode(withoutIntegers(value))
}

private func withoutIntegers(_ value: JSONValue) -> JSONValue {
    switch value {
    case .integer(let value): .number(Double(value))
    case .array(let elements): .array(elements.map(withoutIntegers))
    case .object(let object):
        .object(object.members.reduce(into: JSONObject()) { $0[$1.key] = withoutIntegers($1.value) })
    default: value
    }
}

@Test("Damaged documents never crash, and are refused where Foundation refuses them")
func damagedDocuments() throws {
    var generator = SeededGenerator(seed: 4)
    let decoder = JSONPayloadDecoder()
    for round in 0..<3000 {
        var bytes = try JSONPayloadEncoder().bytes(generator.everything(depth: 0))
        switch generator.index(3) {
        case 0: bytes.removeLast(1 + generator.index(bytes.count))
        case 1: bytes[generator.index(bytes.count)] = UInt8(truncatingIfNeeded: generator.next())
        default: bytes.insert(Array(#"{}[]",:\0-"#.utf8)[generator.index(10)], at: generator.index(bytes.count))
        }
        let own = attempt { try decoder.decode(Everything.self, from: bytes) }
        let foundation = attempt { try JSONDecoder().decode(Everything.self, from: Data(bytes)) }
        let text = String(decoding: bytes, as: UTF8.self)
        switch (own, foundation) {
        case (let own?, let foundation?): #expect(own == foundation, "round \(round) of seed 4: \(text)")
        // Foundation takes a comma before the end of a container, and refuses a number too small for its type.
        case (nil, _?): #expect(text.contains(",]") || text.contains(",}"), "round \(round) of seed 4: \(text)")
        case (let own?, nil): #expect(own.float == 0 || own.double == 0, "round \(round) of seed 4: \(text)")
        case (nil, nil): break
        }
    }
}

private func attempt<Value>(_ body: () throws -> Value) -> Value? {
    do { return try body() } catch { return nil }
}
