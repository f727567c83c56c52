/// The coding key that dictionaries of the standard library use. It has no public name, so a dictionary is asked.
enum DictionaryKeys {
    static let type: ObjectIdentifier = {
        let probe = Probe()
        do { _ = try [String: Int](from: probe) } catch {}
        return probe.keyType
    }()

    /// Notes the key type it is asked for, and refuses.
    private final class Probe: Decoder {
        var keyType = ObjectIdentifier(Never.self)
        var codingPath: [any CodingKey] { [] }
        var userInfo: [CodingUserInfoKey: Any] { [:] }

        func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
            keyType = ObjectIdentifier(type)
            throw NeedsFoundation()
        }
        func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw NeedsFoundation() }
        func singleValueContainer() throws -> any SingleValueDecodingContainer { throw NeedsFoundation() }
    }
}
