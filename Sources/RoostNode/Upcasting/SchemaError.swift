/// The declared kinds of an application do not fit together, or do not fit what a log holds.
package struct SchemaError: Error, Sendable, CustomStringConvertible {
    package let description: String
    /// The same without anything that an event holds.
    let shape: String

    package init(_ description: String, shape: String? = nil) {
        self.description = description
        self.shape = shape ?? description
    }
}
