package import RoostCore

/// A partition whose part of an answer is missing, and why.
package struct UnreadablePartition: Codable, Hashable, Sendable {
    package let partition: PartitionID
    package let reason: String

    package init(partition: PartitionID, reason: String) {
        self.partition = partition
        self.reason = reason
    }

    package var text: String { "partition \(partition) cannot be read: \(reason)" }
}
