import RoostCluster

/// A connection as faults see it: which writer is at one end, who is at the other, and what it is for.
struct ProxiedLink: Hashable {
    let link: FaultLink
    let writer: ProcessInstance
    /// An instance of the topology, a task such as `search@rebuild`, or `command-line`.
    let peer: String
    /// The process that `peer` is an instance of, if it is one.
    let peerProcess: String?

    /// The faults of one direction. Words of the protocol itself, such as those by which a reader says what it wants to
    /// hear, can only be held up.
    func faults(_ active: [ActiveFault], fromWriter: Bool, isReadable: Bool) -> [ActiveFault] {
        active.filter { active in
            let fault = active.fault
            guard fault.kind.isOfMessages, fault.link == nil || fault.link == link else { return false }
            guard isReadable || !fault.kind.readsMessages else { return false }
            if link == .bus, !fromWriter, fault.kind != .cut { return false }
            return matches(fault.from, fault.to, fromWriter)
                || (fault.isBothWays && matches(fault.to, fault.from, fromWriter))
        }
    }

    /// Whether a fault holds in one direction at least.
    func isTouched(by fault: ActiveFault) -> Bool {
        [true, false].contains { !faults([fault], fromWriter: $0, isReadable: true).isEmpty }
    }

    /// As it is named where chance is drawn.
    func name(fromWriter: Bool) -> String {
        "\(link.rawValue) \(fromWriter ? writer.name : peer) \(fromWriter ? peer : writer.name)"
    }

    private func matches(_ from: String?, _ to: String?, _ fromWriter: Bool) -> Bool {
        let (writerEnd, peerEnd) = fromWriter ? (from, to) : (to, from)
        return FaultSpec.name(writerEnd, means: writer.name, of: writer.process.name)
            && FaultSpec.name(peerEnd, means: peer, of: peerProcess)
    }
}
