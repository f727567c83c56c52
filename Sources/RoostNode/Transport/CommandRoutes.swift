internal import RoostCore

/// Who owns which partition, as far as a sender knows: the claims of the log, and what `moved` answers said since.
struct CommandRoutes {
    /// How long a claim is believed without looking again.
    static let ageMax: UInt64 = 100_000_000

    private let lookUp: @Sendable (PartitionID) -> CommandAnswer.Route?
    private var known: [PartitionID: (route: CommandAnswer.Route?, at: UInt64)] = [:]

    init(lookUp: @escaping @Sendable (PartitionID) -> CommandAnswer.Route?) { self.lookUp = lookUp }

    /// The newest route; nil when nobody has claimed the partition.
    mutating func route(to partition: PartitionID, now: UInt64) -> CommandAnswer.Route? {
        let before = known[partition]
        if let before, before.route != nil, now &- before.at < Self.ageMax { return before.route }
        let newest = Self.newer(before?.route, lookUp(partition))
        known[partition] = (newest, now)
        return newest
    }

    /// What an owner said; older news than known is ignored.
    mutating func learn(_ route: CommandAnswer.Route, to partition: PartitionID, now: UInt64) {
        known[partition] = (Self.newer(known[partition]?.route, route), now)
    }

    private static func newer(_ one: CommandAnswer.Route?, _ other: CommandAnswer.Route?) -> CommandAnswer.Route? {
        guard let one, let other else { return one ?? other }
        return other.epoch >= one.epoch ? other : one
    }
}
