package import RoostCore

/// A projection as of an earlier time, in a file. Document `roost.past/1`.
package struct PastDocument: Encodable, Sendable {
    package struct Position: Encodable, Sendable {
        package let partition: PartitionID
        package let position: RoostCore.Position
    }

    package let schema = "roost.past/1"
    package let projection: String
    package let until: Timestamp
    package let file: String
    /// Events of the log up to that time.
    package let events: UInt64
    package let seconds: Double
    /// Root of the digest over all rows, hexadecimal: equal for equal rows.
    package let root: String
    package let positions: [Position]
}
