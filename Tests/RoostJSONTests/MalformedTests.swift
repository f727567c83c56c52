import RoostJSON
import Testing

@Test(
    "Malformed JSON is refused, also in parts that nobody reads",
    arguments: [
        "{", "}", "[", "]", "[1,]", "[,1]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{'a':1}", "\"", "\"\\\"",
        "\"\\q\"", "\"\\u12\"", "\"\\u12G4\"", "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\"", "\"a\nb\"",
        "\"\u{1}\"",
        "01", "-", "+1", "1.", ".5", "1e", "1e+", "0x10", "1 2", "tru", "True", "nul", "NaN", "Infinity", "[1]]",
        "// no\n1", "\u{FEFF}1", "1\u{0}", "[1 2]", "{\"a\" 1}", "--1", "1e5.5",
    ])
func malformed(_ text: String) {
    struct Nothing: Decodable {}
    #expect(throws: JSONError.self) { try JSONValue.parse(text) }
    #expect(throws: JSONError.self) { try JSONPayloadDecoder().decode(Nothing.self, from: Array(text.utf8)) }
}

@Test(
    "Bytes that are no UTF-8 are refused",
    arguments: [
        [0xFF], [0xC0, 0x80], [0xC3], [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0x80],
    ] as [[UInt8]])
func badUTF8(_ middle: [UInt8]) {
    let bytes = Array("{\"text\":\"0123456789".utf8) + middle + Array("\"}".utf8)
    let error = #expect(throws: JSONError.self) { try JSONValue.parse(bytes) }
    #expect(error?.description == "line 1, column 20: expected text in UTF-8")
}

@Test("Nesting deeper than 512 levels is refused, not followed until the stack ends")
func deepNesting() throws {
    func nested(_ levels: Int) -> String {
        String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
    }
    _ = try JSONValue.parse(nested(512))
    #expect(throws: JSONError.self) { try JSONValue.parse(nested(513)) }
    #expect(throws: JSONError.self) { try JSONValue.parse(String(repeating: "{\"a\":", count: 100_000)) }
}

@Test("A key that is there twice makes a document ambiguous: refused, with its path")
func duplicateKey() {
    let error = #expect(throws: JSONError.self) { try JSONValue.parse(#"{"a":[0,{"b":1,"b":2}]}"#) }
    #expect(error?.description == "a[1].b: the key is there twice")
}

@Test("Line and column point at the first wrong character")
func lineAndColumn() {
    let error = #expect(throws: JSONError.self) { try JSONValue.parse("{\n  \"é😀\": 1\n  \"b\": 2\n}") }
    #expect(error?.line == 3 && error?.column == 3)
    #expect(error?.problem == "expected a comma or the end of the object")
}
