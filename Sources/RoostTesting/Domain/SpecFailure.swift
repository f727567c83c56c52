/// What a specification found, in words. Thrown, so that it fails a test of any test framework.
public struct SpecFailure: Error, Sendable, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}
