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
