package import RoostCore

/// What changed in a stream between two moments. Document `roost.diff/1`.
package struct DiffDocument: Encodable, Sendable {
    /// One of the two moments; version 0 is before the first event.
    package struct End: Encodable, Sendable {
        package let at: Timestamp
        package let version: StreamVersion
    }

    package let schema = "roost.diff/1"
    package let stream: String
    package let from: End
    package let to: End
    package let changes: [FieldChange]
}
