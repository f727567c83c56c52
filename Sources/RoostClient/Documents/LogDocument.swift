package import RoostCore
package import RoostTrace

/// What a log is and how big. Document `roost.log/1`.
package struct LogDocument: Codable, Sendable {
    package static let schema = "roost.log/1"

    package struct Partition: Codable, Sendable {
        package let partition: PartitionID
        package let group: String
        package let head: Position
        package let epoch: Epoch
        @Explicit package var owner: String?
        @Explicit package var claimedAt: Timestamp?
        /// SHA-256 over all events up to the head, in hexadecimal digits.
        package let digest: String
        package let types: [String: UInt64]
    }

    package let schema: String
    package let logID: LogID
    package let placement: Placement
    package let events: UInt64
    package let partitions: [Partition]

    package init(logID: LogID, placement: Placement, partitions: [Partition]) {
        schema = Self.schema
        self.logID = logID
        self.placement = placement
        events = partitions.reduce(0) { $0 + $1.head.rawValue }
        self.partitions = partitions
    }
}
