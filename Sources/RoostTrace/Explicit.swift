/// An optional field of a document that is always written: `null` when there is no value.
///
/// Documents are a contract, so a reader may rely on every field being there.
@propertyWrapper
package struct Explicit<Value: Codable & Sendable>: Codable, Sendable {
    package var wrappedValue: Value?

    package init(wrappedValue: Value?) { self.wrappedValue = wrappedValue }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        wrappedValue = container.decodeNil() ? nil : try container.decode(Value.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let wrappedValue { try container.encode(wrappedValue) } else { try container.encodeNil() }
    }
}

extension Explicit: Equatable where Value: Equatable {}
extension Explicit: Hashable where Value: Hashable {}

extension KeyedDecodingContainer {
    /// A field that documents of an earlier version lack reads as nil.
    package func decode<Value: Codable & Sendable>(
        _ type: Explicit<Value>.Type, forKey key: Key
    ) throws -> Explicit<Value> {
        try decodeIfPresent(type, forKey: key) ?? Explicit(wrappedValue: nil)
    }
}
