/// What a specification found, in words. Thrown, so that it fails a test of any test framework.
public struct SpecFailure: Error, Sendable, CustomStringConvertible {
    /// What was expected and what was found.
    public let description: String
    /// Names the case, so that the failure can be understood without the test's source.
    public init(_ description: String) { self.description = description }
}
