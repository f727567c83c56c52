/// A log broke its contract: says which sentence, and what was seen instead.
public struct ContractViolation: Error, Sendable, CustomStringConvertible {
    /// The sentence that was broken, and what was seen instead.
    public let description: String
    /// States both what was expected and what was found.
    public init(_ description: String) { self.description = description }
}

/// Throws unless both are equal.
func expect<Value: Equatable>(_ found: Value, _ expected: Value, _ what: String) throws {
    guard found == expected else { throw ContractViolation("\(what): expected \(expected), found \(found)") }
}

/// Throws unless `condition` holds.
func expect(_ condition: Bool, _ what: String) throws {
    guard condition else { throw ContractViolation(what) }
}

/// The value, or a violation that says what is missing.
func require<Value>(_ value: Value?, _ what: String) throws -> Value {
    guard let value else { throw ContractViolation("\(what): nothing found") }
    return value
}
