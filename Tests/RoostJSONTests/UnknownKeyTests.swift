import RoostJSON
import Testing

@Suite struct UnknownKeyTests {
    private struct Line: Codable {
        var sku: String
        var note: String?
    }

    private enum Way: Codable { case post(days: Int), pickUp }

    private struct Order: Codable {
        var lines: [Line]
        var labels: [String: Line]?
        var way: Way?
        var anything: JSONValue?
    }

    private struct Empty: Codable {}

    private func unknown<Value: Decodable>(
        _ type: Value.Type, _ text: String
    ) throws -> (key: String, path: String, known: [String])? {
        let decoder = JSONPayloadDecoder(notingKeys: true)
        let bytes = Array(text.utf8)
        return try bytes.withUnsafeBytes {
            _ = try decoder.decode(type, from: $0)
            return decoder.unknownKey
        }
    }

    @Test("A key that nobody reads is found with its path, wherever it is")
    func found() throws {
        let top = try #require(try unknown(Order.self, #"{"lines":[],"lable":{"a":{"x":1}}}"#))
        #expect(top.path == "lable" && top.known == ["anything", "labels", "lines", "way"])
        let inner = try #require(try unknown(Order.self, #"{"lines":[{"sku":"1"},{"nota":"x","sku":"2"}]}"#))
        #expect(inner.key == "nota" && inner.path == "lines[1].nota" && inner.known == ["note", "sku"])
        #expect(try unknown(Order.self, #"{"lines":[],"labels":{"a":{"sku":"1","skus":2}}}"#)?.path == "labels.a.skus")
        #expect(try unknown(Order.self, #"{"lines":[],"way":{"post":{"days":2,"hours":1}}}"#)?.path == "way.post.hours")
        #expect(try unknown(Empty.self, #"{"x":1}"#)?.path == "x")
    }

    @Test("Keys that a value reads are known, in whatever way it reads them")
    func known() throws {
        let whole = #"{"lines":[{"sku":"1","note":null}],"labels":{"any":{"sku":"2"}},"way":{"pickUp":{}},"#
        #expect(try unknown(Order.self, whole + #""anything":{"a":[{"b":{}}]}}"#) == nil)
        #expect(try unknown([String: JSONValue].self, #"{"a":{"b":1}}"#) == nil)
        #expect(try unknown(Empty.self, "{}") == nil)
        // What only Foundation understands is not looked at.
        #expect(try unknown([String: Int].self, #"{"a":1.0}"#) == nil)
    }

    @Test("A decoder forgets the keys of the document before")
    func again() throws {
        let decoder = JSONPayloadDecoder(notingKeys: true)
        for text in [#"{"sku":"1","note":"x"}"#, #"{"sku":"1"}"#] {
            let bytes = Array(text.utf8)
            try bytes.withUnsafeBytes {
                _ = try decoder.decode(Line.self, from: $0)
                #expect(decoder.unknownKey == nil)
            }
        }
        let bytes = Array(#"{"note":"y","more":1}"#.utf8)
        try bytes.withUnsafeBytes {
            _ = try decoder.decode([String: JSONValue].self, from: $0)
            #expect(decoder.unknownKey == nil)
            _ = try decoder.decode(Empty.self, from: $0)
            #expect(decoder.unknownKey?.key == "note")
        }
    }
}
