/// Any JSON document, its keys in their order. For documents people read and parts nobody has a type for; payloads of
/// commands and events have types of their own.
public enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    /// Written with a fraction or an exponent, or beyond 64 bits.
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)
}

/// The members of an object, in their order; each key once.
public struct JSONObject: Hashable, Sendable {
    /// A key and its value.
    public struct Member: Hashable, Sendable {
        /// Unescaped; may be any text.
        public let key: String
        /// The value under the key.
        public var value: JSONValue
        /// Reads as it is written: key, then value.
        public init(_ key: String, _ value: JSONValue) {
            self.key = key
            self.value = value
        }
    }

    /// In the order of the document.
    public private(set) var members: [Member] = []
    /// An object without members.
    public init() {}

    /// Setting a value keeps the key's place, or adds it at the end; nil removes it.
    public subscript(key: String) -> JSONValue? {
        get { members.first { $0.key == key }?.value }
        set {
            let index = members.firstIndex { $0.key == key }
            switch (index, newValue) {
            case (let index?, let value?): members[index].value = value
            case (let index?, nil): members.remove(at: index)
            case (nil, let value?): members.append(Member(key, value))
            case (nil, nil): break
            }
        }
    }

    /// Adds a member whose key is known to be new.
    mutating func append(_ key: String, _ value: JSONValue) { members.append(Member(key, value)) }
}

extension JSONValue {
    /// A member of an object; nil when there is none, or when this is no object.
    public subscript(key: String) -> JSONValue? { object?[key] }
    /// An element of an array; nil when there is none, or when this is no array.
    public subscript(index: Int) -> JSONValue? {
        guard let array, array.indices.contains(index) else { return .none }
        return array[index]
    }

    /// The truth value; nil for a value of any other kind.
    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    /// The integer; nil for a value of any other kind, also for a number with a fraction.
    public var integer: Int64? { if case .integer(let value) = self { value } else { nil } }
    /// The text, unescaped; nil for a value of any other kind.
    public var string: String? { if case .string(let value) = self { value } else { nil } }
    /// The elements; nil for a value of any other kind.
    public var array: [JSONValue]? { if case .array(let value) = self { value } else { nil } }
    /// The members; nil for a value of any other kind.
    public var object: JSONObject? { if case .object(let value) = self { value } else { nil } }
    /// Any number.
    public var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }
}
