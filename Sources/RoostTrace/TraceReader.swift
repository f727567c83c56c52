package import RoostCore

/// A projection or reactor as a trace sees it: what it handles and how far it has come.
package struct TraceReader: Sendable {
    package let name: String
    /// Types of events it handles; all others it passes without a change.
    package let types: Set<String>
    package let checkpoints: [PartitionID: Position]

    package init(name: String, types: Set<String>, checkpoints: [PartitionID: Position]) {
        self.name = name
        self.types = types
        self.checkpoints = checkpoints
    }

    package func hasPassed(_ partition: PartitionID, _ position: Position) -> Bool {
        checkpoints[partition, default: .start] >= position
    }
}
