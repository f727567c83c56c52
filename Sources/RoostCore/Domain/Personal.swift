/// Personal data in an event: readable, or erased for ever. Written as `{"plain": value}`, which a cluster seals in what it
/// stores by a key of the event's subject, and read from a bare value too, as a command gives it.
public enum Personal<Value: Codable & Sendable & Hashable>: Codable, Sendable, Hashable {
    case plain(Value)
    case erased

    /// The value while it is readable.
    public var value: Value? { if case .plain(let value) = self { value } else { nil } }

    private enum Key: String, CodingKey { case plain, erased, sealed }

    /// Reads `{"plain": value}`, `{"erased": true}` or a bare value.
    public init(from decoder: any Decoder) throws {
        let container: KeyedDecodingContainer<Key>
        do {
            container = try decoder.container(keyedBy: Key.self)
        } catch DecodingError.typeMismatch {
            self = .plain(try decoder.singleValueContainer().decode(Value.self))
            return
        }
        if container.contains(.erased) {
            self = .erased
        } else if container.contains(.sealed) {
            throw DecodingError.dataCorruptedError(
                forKey: .sealed, in: container, debugDescription: "it is sealed, and whoever reads it has no keys")
        } else {
            self = .plain(try container.decode(Value.self, forKey: .plain))
        }
    }

    /// Writes `{"plain": value}` or `{"erased": true}`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        switch self {
        case .plain(let value): try container.encode(value, forKey: .plain)
        case .erased: try container.encode(true, forKey: .erased)
        }
    }
}
