/// Personal data cannot be sealed or opened, and what to do next.
package struct VaultError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What a command exits with because of it.
    package enum Kind: Hashable, Sendable { case broken, usage, missing }
    package let kind: Kind
    package let message: String
    /// The next step.
    package let next: String

    init(_ message: String, kind: Kind = .broken, next: String) {
        self.kind = kind
        self.message = message
        self.next = next
    }

    package var description: String { "\(message); \(next)" }
}
