import RoostCore
import RoostJSON
import Testing

private struct Line: Codable, Equatable {
    var sku: String
    var quantity: Int
    var unitPrice: Int64
}

private struct Placed: Codable, Equatable {
    var customer: String?
    var lines: [Line]
    var note: Personal<String>
    var ratio: Double
}

@Test("Keys come in the order of declaration, and the same value always has the same bytes")
func declarationOrder() throws {
    let placed = Placed(
        customer: nil, lines: [Line(sku: "85123A", quantity: -6, unitPrice: 255)], note: .plain("a\"b\\\n\u{1}é😀/"),
        ratio: 2)
    let text = String(decoding: try JSONPayloadEncoder().bytes(placed), as: UTF8.self)
    #expect(
        text
            == #"{"lines":[{"sku":"85123A","quantity":-6,"unitPrice":255}],"note":{"plain":"a\"b\\\n\u0001é😀/"},"ratio":2}"#
    )
    #expect(try JSONPayloadDecoder().decode(Placed.self, from: Array(text.utf8)) == placed)
}

@Test("Personal data is read from a bare value too")
func barePersonal() throws {
    let text = #"{"customer":"customer/1","lines":[],"note":"Jane","ratio":1.5}"#
    let placed = try JSONPayloadDecoder().decode(Placed.self, from: Array(text.utf8))
    #expect(placed.note == .plain("Jane") && placed.customer == "customer/1" && placed.ratio == 1.5)
}

@Test("Dictionaries and sets are sorted, so equal values have equal bytes")
func sortedDictionaries() throws {
    struct Shelf: Codable {
        var byName = ["b": [1, 2], "a,\"]": [3], "c": []]
        var byNumber = [10: "x", 2: "y", 1: "z"]
        var pairs = [2.5: "b,", 1.5: "a"]
        var set: Set<String> = ["z", "y,[", "x"]
        var after = true
    }
    let text = String(decoding: try JSONPayloadEncoder().bytes(Shelf()), as: UTF8.self)
    #expect(
        text == #"{"byName":{"a,\"]":[3],"b":[1,2],"c":[]},"byNumber":{"1":"z","10":"x","2":"y"},"#
            + #""pairs":[1.5,"a",2.5,"b,"],"set":["x","y,[","z"],"after":true}"#)
}

@Test(
    "An error says where and what was expected",
    arguments: [
        (
            #"{"lines":[{"sku":"a","quantity":"6","unitPrice":1}]}"#,
            "lines[0].quantity: expected an integer, found a string"
        ),
        (#"{"lines":[{"sku":"a","unitPrice":1}]}"#, "lines[0].quantity: missing"),
        (#"{"lines":[{"sku":null,"quantity":1,"unitPrice":1}]}"#, "lines[0].sku: expected a string, found null"),
        (
            #"{"lines":[{"sku":"a","quantity":1.5,"unitPrice":1}]}"#,
            "lines[0].quantity: the number is not whole or too large"
        ),
        (#"{"lines":{}}"#, "lines: expected an array, found an object"),
        (#"[]"#, "expected an object, found an array"),
        (#"{"lines":[],"note":{"plain":7},"ratio":1}"#, "note.plain: expected a string, found a number"),
        (#"{"lines":[],"note":"","ratio":true}"#, "ratio: expected a number, found true or false"),
        ("{\"lines\":[],\n \"é\":tru }", "line 2, column 9: expected true, false or null"),
        ("", "line 1, column 1: expected a value, not the end of the document"),
    ])
func errors(_ text: String, _ description: String) {
    let error = #expect(throws: JSONError.self) {
        try JSONPayloadDecoder().decode(Placed.self, from: Array(text.utf8))
    }
    #expect(error?.description == description)
}

@Test("An integer written with a fraction of zero is still an integer")
func wholeFraction() throws {
    #expect(try JSONPayloadDecoder().decode([Int].self, from: Array("[1.0, 1e2]".utf8)) == [1, 100])
}

@Test("What is not in a document is absent, which is not the same as null")
func absentAndNull() throws {
    let document = try JSONValue.parse(Array(#"{"list":[null,1],"nothing":null}"#.utf8))
    #expect(document["list"]?[1] == .some(.integer(1)))
    #expect(document["list"]?[0] == .some(.null) && document["nothing"] == .some(.null))
    #expect(document["list"]?[2] == .none && document["other"] == .none && document["nothing"]?["more"] == .none)
}
