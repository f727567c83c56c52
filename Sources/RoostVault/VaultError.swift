/// Personal data cannot be sealed or opened, and what to do next.
package struct VaultError: Error, Hashable, Sendable, CustomStringConvertible {
    package let message: String
    /// The next step.
    package let next: String

    init(_ message: String, next: String) {
        self.message = message
        self.next = next
    }

    package var description: String { "\(message); \(next)" }
}
