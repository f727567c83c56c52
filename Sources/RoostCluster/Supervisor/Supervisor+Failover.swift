import Foundation
import RoostCore

/// Moves partitions from a writer that is lost, or told to let go, to another one.
extension Supervisor {
    /// Tells an instance which partitions are its own now.
    func order(_ name: String) {
        guard let child = children[name], fleet[name]?.role == .aggregate, fleet[name]?.isTemporary == false else {
            return
        }
        lastOrder += 1
        orders[name] = lastOrder
        child.send(.own(partitions: owners.partitions(of: name).map(\.rawValue), number: lastOrder))
    }

    /// What a status says about partitions, and that its process lives. One that was written before the newest order was
    /// carried out says nothing about what the process has let go of.
    func noteOwner(_ name: String, _ status: ProcessStatus) {
        beats[name] = now
        guard let number = orders[name], status.order == number else { return }
        deprived.remove(name)
        owners.heard(from: name, serving: status.partitions.map { PartitionID($0) }).sorted().forEach(order)
    }

    /// An owner has ended: its heirs claim at once what it had, unless they would end in the same way. Returns whether its
    /// partitions were taken away before.
    func noteEnd(of name: String, _ exit: ProcessExit) -> Bool {
        beats[name] = nil
        orders[name] = nil
        let wasDeprived = deprived.remove(name) != nil
        owners.loseTarget(name).sorted().forEach(order)
        if wasDeprived || !exit.isPermanent(reason: fleet[name]?.reason) { replaceOwner(name) }
        return wasDeprived
    }

    /// False when nobody can take over.
    @discardableResult
    private func replaceOwner(_ name: String) -> Bool {
        guard failover(of: name) != nil, !fleet.isStopping, owners.isOwner(name) else { return false }
        let takers = owners.lose(name, to: heirs(of: name))
        takers.sorted().forEach(order)
        return !takers.isEmpty
    }

    /// Owners that stopped at work, and those that ended while nobody could take over.
    func watchOwners() {
        guard !fleet.isStopping, hasFailover else { return }
        if overslept {
            // It was this process that stood still: everybody else may have been at work.
            beats = beats.mapValues { _ in now }
        }
        for name in fleet.processes.filter({ $0.role == .aggregate && !$0.isTemporary }).map(\.name) {
            guard let policy = failover(of: name) else { continue }
            if children[name] == nil {
                if fleet[name]?.hasFailed == false { replaceOwner(name) }
            } else if isStalled(name, policy) {
                giveUp(name, policy)
            }
        }
    }

    /// When `watchOwners` has something to look at.
    var watchDeadline: Duration? {
        guard hasFailover, !fleet.isStopping else { return nil }
        return beats.filter { isWatched($0.key) }
            .compactMap { name, beat in failover(of: name).map { beat + $0.stalledAfter } }.min()
    }

    private func giveUp(_ name: String, _ policy: FailoverPolicy) {
        if policy.killsStalled {
            // Its end is noticed like any other; the partitions change hands when it is reaped.
            let silence = DurationText.text(.milliseconds(((now - (beats[name] ?? now)) / .milliseconds(1)).rounded()))
            report("\(name) said nothing for \(silence) and is killed")
            perform(
                fleet.update(name) {
                    $0.explain("killed: it said nothing for \(silence)")
                    return nil
                })
            beats[name] = nil
            children[name]?.signal(SIGKILL)
        } else if replaceOwner(name) {
            beats[name] = nil
            deprived.insert(name)
            order(name)
        } else {
            // Nobody can take over, or there is nothing to take: looked at again later.
            beats[name] = now
        }
    }

    /// Whether its silence would mean anything: it is at work, and was heard of before.
    private func isWatched(_ name: String) -> Bool {
        guard let process = fleet[name] else { return false }
        return process.isReady || (process.isWorking && owners.isOwner(name))
    }

    private func isStalled(_ name: String, _ policy: FailoverPolicy) -> Bool {
        guard isWatched(name), let beat = beats[name] else { return false }
        return now - beat >= policy.stalledAfter
    }

    /// Who can take over: other instances of the same process that are ready and alive.
    private func heirs(of name: String) -> [String] {
        guard let process = configuration.topology.instance(named: name)?.process else { return [] }
        return process.instances.map(\.name).filter { heir in
            heir != name && fleet[heir]?.isReady == true && beats[heir] != nil
                && failover(of: heir).map { !isStalled(heir, $0) } == true
        }
    }

    private func failover(of name: String) -> FailoverPolicy? {
        configuration.topology.instance(named: name)?.process.failover
    }

    private var hasFailover: Bool { configuration.topology.processes.contains { $0.failover != nil } }

    // MARK: - Moving by hand

    /// Begins to move a partition to an instance; `moved` says when it is there.
    func move(_ partition: UInt32, to target: String, _ conversation: Conversation) {
        let partition = PartitionID(partition)
        guard let owner = owners.owner(of: partition) else {
            conversation.finish(.refused(.notFound, "there is no partition \(partition)"))
            return
        }
        guard configuration.topology.instance(named: target) != nil else {
            conversation.finish(.refused(.usage, "'\(target)' has several instances; name one, as in \(target)-0"))
            return
        }
        let processes = [owner, target].map { configuration.topology.instance(named: $0)?.process }
        guard processes[0] == processes[1] else {
            conversation.finish(
                .refused(.usage, "\(target) does not host the categories of partition \(partition); \(owner) has it"))
            return
        }
        guard fleet[target]?.isReady == true else {
            conversation.finish(.refused(.wrongState, "\(target) is not ready to take partition \(partition)"))
            return
        }
        guard fleet[owner]?.isReady == true || children[owner] == nil else {
            conversation.finish(.refused(.wrongState, "\(owner), which owns partition \(partition), is not ready"))
            return
        }
        owners.move(partition, to: target)
        conversation.goal = .moved(partition, target)
        order(owner)
        if target == owner { return }
        if children[owner] == nil { owners.heard(from: owner, serving: []).sorted().forEach(order) }
    }

    /// nil while it is on its way.
    func movedResult(_ partition: PartitionID, _ target: String) -> ControlResult? {
        if owners.owner(of: partition) == target {
            guard fleet[target]?.isReady == true, orders[target] == fleet[target]?.order,
                fleet[target]?.partitions.contains(partition.rawValue) == true
            else { return nil }
            return .done("\(target) owns partition \(partition)")
        }
        guard owners.target(of: partition) != target else { return nil }
        let owner = owners.owner(of: partition) ?? "nobody"
        return .refused(
            .failed,
            "the move to \(target) is off, by another one or because it was lost; \(owner) has "
                + "partition \(partition)")
    }
}
