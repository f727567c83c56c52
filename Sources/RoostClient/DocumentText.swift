package import RoostCore
import RoostJSON

/// Documents as text, and JSON from outside.
package enum DocumentText {
    /// One line of JSON, fields in the order of the document.
    package static func line(_ document: some Encodable) throws -> [UInt8] {
        try JSONPayloadEncoder().bytes(document)
    }

    /// JSON over several lines, for a person who asked for it.
    package static func pretty(_ document: some Encodable) throws -> [UInt8] {
        Array((try JSONValue(encoding: document).prettyPrinted + "\n").utf8)
    }

    /// JSON without the blanks between its parts, so that the way it was typed does not make another command.
    package static func canonical(_ text: [UInt8], what: String) throws -> Bytes {
        Bytes(try parse(JSONValue.self, text, what: what).bytes)
    }

    /// Decodes JSON from outside; throws a usage error that says where it is wrong.
    package static func parse<Value: Decodable>(_ type: Value.Type, _ text: [UInt8], what: String) throws -> Value {
        do {
            return try JSONPayloadDecoder().decode(type, from: text)
        } catch let error as JSONError {
            throw ClientError(
                .usage, code: "malformedJSON", "\(what) is not as expected: \(error)",
                hint: "JSON looks like {\"name\":\"value\"}")
        }
    }
}
