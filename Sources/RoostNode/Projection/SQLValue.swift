package import RoostCore

/// A value in a table.
public enum SQLValue: Hashable, Sendable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])

    /// The integer; nil for a value of any other type.
    public var integer: Int64? { if case .integer(let value) = self { value } else { nil } }
    /// The text; nil for a value of any other type.
    public var text: String? { if case .text(let value) = self { value } else { nil } }
    /// The bytes; nil for a value of any other type.
    public var bytes: [UInt8]? { if case .blob(let value) = self { value } else { nil } }
}

extension SQLValue: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral, ExpressibleByNilLiteral {
    /// An integer as it is written.
    public init(integerLiteral value: Int64) { self = .integer(value) }
    /// A text as it is written.
    public init(stringLiteral value: String) { self = .text(value) }
    /// NULL.
    public init(nilLiteral: ()) { self = .null }
    /// NULL for nil.
    public init(_ value: Int64?) { self = value.map(SQLValue.integer) ?? .null }
    /// An integer.
    public init(_ value: Int) { self = .integer(Int64(value)) }
    /// NULL for nil.
    public init(_ value: String?) { self = value.map(SQLValue.text) ?? .null }
}

extension SQLValue {
    /// An identifier as its 16 bytes, most significant first: ordered as identifiers are.
    package init(id: some Identifier) {
        self = withUnsafeBytes(of: id.bits.bigEndian) { .blob(Array($0)) }
    }

    /// The identifier that was stored so; nil for a value of any other kind.
    package func identifier<ID: Identifier>(as kind: ID.Type = ID.self) -> ID? {
        guard let bytes, bytes.count == 16 else { return nil }
        return ID(bits: bytes.reduce(0) { $0 << 8 | UInt128($1) })
    }
}
