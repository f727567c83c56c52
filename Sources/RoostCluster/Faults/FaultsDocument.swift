/// Faults that were added, or cleared with all they did. Document `roost.fault-change/1`.
package struct FaultChangeDocument: Encodable, Sendable {
    package enum Change: String, Encodable, Sendable { case added, cleared }

    private let schema = "roost.fault-change/1"
    private let change: Change
    /// None for what happened once, as a kill.
    private let faults: [ActiveFault]

    package init(_ change: Change, _ faults: [ActiveFault]) {
        self.change = change
        self.faults = faults
    }
}

/// What `fault ls` shows. Document `roost.faults/1`.
package struct FaultsDocument: Encodable, Sendable {
    private let schema = FaultList.schema
    private let cluster: String
    /// Whether faults of messages and disks can be added.
    private let allowed: Bool
    private let faults: [ActiveFault]

    package init(_ cluster: String, _ list: FaultList) {
        self.cluster = cluster
        allowed = list.areAllowed
        faults = list.faults
    }
}
