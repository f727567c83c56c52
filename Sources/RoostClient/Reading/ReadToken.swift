package import RoostCore

/// Positions that a reader must have passed before it may answer: what accepted commands return, so that whoever wrote
/// can read it. As text `0:487`, a partition and a position in it; several are joined by commas.
package struct ReadToken: Hashable, Sendable, LosslessStringConvertible {
    /// At most one position of a partition: the newest.
    package private(set) var positions: [PartitionID: Position] = [:]

    package init(_ partition: PartitionID, _ position: Position) { positions = [partition: position] }

    /// Both.
    package func merged(with other: ReadToken) -> ReadToken {
        var merged = self
        merged.positions.merge(other.positions) { max($0, $1) }
        return merged
    }

    package init?(_ text: String) {
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let numbers = part.split(separator: ":", omittingEmptySubsequences: false)
            guard numbers.count == 2, let partition = UInt32(numbers[0]), let position = UInt64(numbers[1]),
                position > 0
            else { return nil }
            let known = positions[PartitionID(partition), default: .start]
            positions[PartitionID(partition)] = max(known, Position(position))
        }
    }

    package var description: String {
        positions.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value)" }.joined(separator: ",")
    }
}
