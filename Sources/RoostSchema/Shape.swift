package import RoostJSON

/// What JSON a value has, as far as a schema tells.
package indirect enum Shape: Hashable, Sendable {
    case string
    case integer
    case number
    case bool
    /// A text of a known format, as in `date-time`.
    case format(String)
    /// One of these texts.
    case choice([String])
    case array(Shape)
    /// An object with any keys.
    case dictionary(Shape)
    case object([Field])

    /// A member of an object.
    package struct Field: Hashable, Sendable {
        package let name: String
        package let shape: Shape
        package let isRequired: Bool
    }

    /// As JSON Schema 2020-12.
    package var schema: JSONObject {
        var schema = JSONObject()
        switch self {
        case .string: schema["type"] = "string"
        case .integer: schema["type"] = "integer"
        case .number: schema["type"] = "number"
        case .bool: schema["type"] = "boolean"
        case .format(let format):
            schema["type"] = "string"
            schema["format"] = .string(format)
        case .choice(let cases):
            schema["type"] = "string"
            schema["enum"] = .array(cases.map(JSONValue.string))
        case .array(let element):
            schema["type"] = "array"
            schema["items"] = .object(element.schema)
        case .dictionary(let value):
            schema["type"] = "object"
            schema["additionalProperties"] = .object(value.schema)
        case .object(let fields):
            schema["type"] = "object"
            schema["properties"] = .object(fields.reduce(into: JSONObject()) { $0[$1.name] = .object($1.shape.schema) })
            schema["required"] = .array(fields.filter(\.isRequired).map { .string($0.name) })
        }
        return schema
    }

    /// Reads what `schema` writes. Throws for a schema that says more.
    package init(_ schema: JSONValue) throws(UnreadableSchema) {
        switch schema["type"]?.string {
        case "string": self = try Self.text(schema)
        case "integer": self = .integer
        case "number": self = .number
        case "boolean": self = .bool
        case "array":
            guard let items = schema["items"] else { throw UnreadableSchema("an array has no 'items'") }
            self = .array(try Shape(items))
        case "object": self = try Self.object(schema)
        default: throw UnreadableSchema("a 'type' is missing or unknown")
        }
    }

    private static func text(_ schema: JSONValue) throws(UnreadableSchema) -> Shape {
        if let cases = schema["enum"]?.array { return .choice(cases.compactMap(\.string)) }
        return schema["format"]?.string.map(Shape.format) ?? .string
    }

    private static func object(_ schema: JSONValue) throws(UnreadableSchema) -> Shape {
        if let value = schema["additionalProperties"] { return .dictionary(try Shape(value)) }
        guard let properties = schema["properties"]?.object else {
            throw UnreadableSchema("an object has no 'properties'")
        }
        let required = Set(schema["required"]?.array?.compactMap(\.string) ?? [])
        var fields: [Field] = []
        for member in properties.members {
            fields.append(
                Field(name: member.key, shape: try Shape(member.value), isRequired: required.contains(member.key)))
        }
        return .object(fields)
    }
}

/// A schema file that is not one of those that are exported.
package struct UnreadableSchema: Error, Sendable, CustomStringConvertible {
    package let description: String
    package init(_ description: String) { self.description = description }
}

extension Shape: CustomStringConvertible {
    /// In words, for a finding.
    package var description: String {
        switch self {
        case .string: "a text"
        case .integer: "an integer"
        case .number: "a number"
        case .bool: "true or false"
        case .format(let format): "a text of format \(format)"
        case .choice(let cases): "one of \(cases.joined(separator: ", "))"
        case .array: "a list"
        case .dictionary: "an object with any keys"
        case .object: "an object"
        }
    }
}
