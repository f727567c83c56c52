/// The declared kinds of an application do not fit together, or do not fit what a log holds.
package struct SchemaError: Error, Sendable, CustomStringConvertible {
    package let description: String
    package init(_ description: String) { self.description = description }
}
