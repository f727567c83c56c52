import Foundation
import RoostCore

extension Supervisor {
    /// What faults are asked for by: names are checked, then the list changes, then those it is about are told.
    func beginFault(_ request: ControlRequest, _ conversation: Conversation) {
        guard !fleet.isStopping else {
            return conversation.finish(.refused(.wrongState, "the cluster is stopping", next: "roost ps"))
        }
        switch request.action {
        case .faultAdd:
            guard let fault = request.fault else { return conversation.finish(.refused(.usage, "which fault?")) }
            add(fault, conversation)
        default: clear(request.faultID, conversation)
        }
    }

    // MARK: - Adding

    private func add(_ fault: FaultSpec, _ conversation: Conversation) {
        if let refusal = refusal(of: fault) { return conversation.finish(refusal) }
        let names = fault.process.map { instances(named: $0) } ?? []
        switch fault.kind {
        case .kill: conversation.finish(kill(names, SIGKILL))
        case .restart:
            let now = now
            names.forEach { perform(fleet.update($0) { $0.restart(at: now) }) }
            conversation.goal = .ready(names)
        default:
            let active = faults.add(fault)
            applyFaults([active], conversation) { "added \($0)" }
        }
    }

    private func instances(named name: String) -> [String] {
        FaultCheck(configuration.topology).instances(named: name).map(\.name)
    }

    private func refusal(of fault: FaultSpec) -> ControlResult? {
        if let problem = FaultCheck(configuration.topology).problems(fault).first {
            let meant = problem.suggestion.map { "; did you mean '\($0)'?" } ?? ""
            return .refused(problem.isUnknownName ? .notFound : .usage, problem.message + meant, next: "roost ps")
        }
        guard fault.kind.needsPermission, !faults.list.areAllowed else { return nil }
        return .refused(
            .wrongState,
            "'\(fault.kind.rawValue)' needs a cluster that was started with faults allowed: its messages take another "
                + "way then, and its files another layer",
            next: "roost down, roost up \(configuration.directory.topologyFile) --faults")
    }

    // MARK: - Clearing

    private func clear(_ id: Int?, _ conversation: Conversation) {
        guard let cleared = faults.clear(id) else {
            let known = faults.list.faults.map { String($0.id) }.joined(separator: ", ")
            conversation.finish(
                .refused(
                    .notFound,
                    "there is no fault \(id ?? 0)" + (known.isEmpty ? ", and no other" : "; there are \(known)"),
                    next: "roost fault ls"))
            return
        }
        guard !cleared.isEmpty else { return conversation.finish(.done("there was no fault to clear")) }
        applyFaults(cleared, conversation) { "cleared \($0)" }
    }

    // MARK: - Applying

    /// Brings the processes in line with the list, and answers when they are.
    private func applyFaults(
        _ changed: [ActiveFault], _ conversation: Conversation, _ words: (String) -> String
    ) {
        writeFaults()
        for fault in changed where fault.fault.kind == .pause {
            for name in instances(named: fault.fault.process ?? "") { holdIfPaused(name) }
        }
        let concerned = children.keys.filter { name in changed.contains { concerns($0.fault, name) } }.sorted()
        concerned.forEach { children[$0]?.send(.faults) }
        let texts = changed.map { words($0.text) }.joined(separator: "\n")
        let result = ControlResult(ok: true, message: texts, exitCode: 0, faults: changed)
        conversation.goal = .faultsApplied(concerned, version: faults.list.version, result)
    }

    /// Whether a running process has to be told of a fault.
    private func concerns(_ fault: FaultSpec, _ name: String) -> Bool {
        if fault.kind.isOfMessages { return name == ProcessInstance.proxy.name }
        guard fault.kind != .pause, let instance = configuration.topology.instance(named: name) else { return false }
        return FaultSpec.name(fault.process, means: name, of: instance.process.name)
    }

    /// The process through which messages go, if it is the one of this name.
    func proxy(named name: String) -> ProcessInstance? { name == ProcessInstance.proxy.name ? .proxy : nil }

    /// Whether all that run have taken over the list of that version; those that are held do it when they go on.
    func haveApplied(_ names: [String], _ version: Int) -> Bool {
        names.allSatisfy { name in
            guard let child = children[name], !pausedChildren.contains(child.pid) else { return true }
            return faults.appliedVersion(of: name) >= version
        }
    }

    func writeFaults() {
        do {
            try faults.list.write(configuration.directory)
        } catch {
            report("faults.json cannot be written: \(error)")
        }
    }

    /// Stops a process that a fault pauses, also one that has just been started; lets one go on that none pauses.
    func holdIfPaused(_ name: String) {
        guard let child = children[name] else { return }
        let isPaused = pause(of: name) != nil && !fleet.isStopping
        guard isPaused != pausedChildren.contains(child.pid) else { return }
        child.signal(isPaused ? SIGSTOP : SIGCONT)
        if isPaused { pausedChildren.insert(child.pid) } else { pausedChildren.remove(child.pid) }
    }

    /// The fault that pauses an instance now.
    func pause(of name: String) -> ActiveFault? {
        guard let instance = configuration.topology.instance(named: name) else { return nil }
        return faults.list.pause(of: name, process: instance.process.name)
    }

    /// As everybody may see it: a paused process is not ready, whatever it said before.
    func withPause(_ state: ProcessState) -> ProcessState {
        guard let pid = state.pid, pausedChildren.contains(pid), let fault = pause(of: state.name) else { return state }
        var state = state
        state.ready = false
        if state.state != .stopping { state.state = .paused }
        state.waitingFor = "the end of its pause: roost fault clear \(fault.id)"
        return state
    }
}
