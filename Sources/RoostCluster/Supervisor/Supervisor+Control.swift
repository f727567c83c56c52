import Foundation
import RoostCore

extension Supervisor {
    /// Connections to the control socket at a time; more are closed at once.
    private static let conversationsMax = 64

    /// What a temporary process was given when it was asked for.
    struct TaskRequest {
        let instance: String
        let process: TopologyProcess
        let arguments: [String]
    }

    /// Takes new connections and requests.
    func converse(_ listener: Int32) {
        while true {
            let descriptor = accept(listener, nil, nil)
            guard descriptor >= 0 else { break }
            guard conversations.count < Self.conversationsMax else {
                close(descriptor)
                continue
            }
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            conversations.append(Conversation(descriptor: descriptor))
        }
        for conversation in conversations {
            conversation.flush()
            switch conversation.readRequest() {
            case .success(let request): begin(request, conversation)
            case .failure(let error):
                conversation.finish(.refused(error.code, error.message))
            case nil: continue
            }
        }
    }

    /// Hands a line that is no status to whoever asked for the task, or to the log of the process.
    func hand(_ line: [UInt8], of child: ChildProcess) {
        if !show(line, of: child) { child.log(line: line) }
    }

    /// Shows a line to whoever asked for the task; false when nobody did.
    @discardableResult
    func show(_ line: [UInt8], of child: ChildProcess) -> Bool {
        let listeners = conversations.filter { $0.awaitedTask == child.name }
        listeners.forEach { $0.send(line: line) }
        return !listeners.isEmpty
    }

    /// Answers those whose goal is reached, and forgets those that are done. A task that nobody waits for any more stops.
    func settleConversations() {
        for conversation in conversations {
            if let result = result(for: conversation.goal) { conversation.finish(result) }
        }
        conversations.removeAll { $0.isClosed }
        let (now, awaited) = (now, Set(conversations.compactMap(\.awaitedTask)))
        for process in fleet.processes where process.isTemporary && !awaited.contains(process.name) {
            perform(fleet.update(process.name) { $0.stop(at: now) })
        }
        for process in fleet.processes where process.isTemporary && process.isAtRest {
            fleet.remove(process.name)
            tasks[process.name] = nil
        }
    }

    /// What to execute for a process of the topology or for a task.
    func command(for name: String) throws(ClusterError) -> ChildCommand {
        if let task = tasks[name] { return try configuration.command(name, task.process, task.arguments) }
        guard let instance = configuration.topology.instance(named: name) ?? proxy(named: name) else {
            throw ClusterError(.notFound, "the topology has no process '\(name)'")
        }
        return try configuration.command(name, instance.process, [])
    }

    private func begin(_ request: ControlRequest, _ conversation: Conversation) {
        if request.action == .faultAdd || request.action == .faultClear { return beginFault(request, conversation) }
        let names = configuration.topology.instances(named: request.target).map(\.name)
        guard !names.isEmpty else {
            let known = configuration.topology.instances.map(\.name)
            let hint = Suggestion.text(for: request.target, among: known)
            conversation.finish(.refused(.notFound, "there is no process '\(request.target)'\(hint)"))
            return
        }
        guard !fleet.isStopping else {
            conversation.finish(.refused(.wrongState, "the cluster is stopping"))
            return
        }
        carryOut(request, names, conversation)
    }

    private func carryOut(_ request: ControlRequest, _ names: [String], _ conversation: Conversation) {
        let now = now
        switch request.action {
        case .start:
            names.forEach { perform(fleet.update($0) { $0.start() }) }
            conversation.goal = .ready(names)
        case .stop:
            names.forEach { perform(fleet.update($0) { $0.stop(at: now) }) }
            conversation.goal = .stopped(names)
        case .restart:
            names.forEach { perform(fleet.update($0) { $0.restart(at: now) }) }
            conversation.goal = .ready(names)
        case .kill:
            conversation.finish(kill(names, request.signal ?? SIGKILL))
        case .run:
            run(request, conversation)
        case .move:
            move(request.partition ?? .max, to: request.target, conversation)
        case .faultAdd, .faultClear:
            return
        }
    }

    func kill(_ names: [String], _ signal: Int32) -> ControlResult {
        let alive = names.compactMap { children[$0] }
        guard !alive.isEmpty else { return .refused(.wrongState, "\(names.joined(separator: ", ")) does not run") }
        alive.forEach { $0.signal(signal) }
        let list = alive.map { "\($0.name) (\($0.pid))" }.joined(separator: ", ")
        return .done("sent signal \(signal) to \(list)")
    }

    private func run(_ request: ControlRequest, _ conversation: Conversation) {
        guard let instance = configuration.topology.instance(named: request.target) else {
            conversation.finish(.refused(.usage, "a task belongs to one process; '\(request.target)' has several"))
            return
        }
        let name = "\(instance.name)@\(request.task ?? "task")"
        // Whatever their tasks are: they work on the same files.
        if let other = tasks.keys.sorted().first(where: { $0.hasPrefix("\(instance.name)@") && fleet[$0] != nil }) {
            conversation.finish(.refused(.wrongState, "\(other) runs already; one at a time"))
            return
        }
        tasks[name] = TaskRequest(
            instance: instance.name, process: instance.process, arguments: request.arguments ?? [])
        conversation.goal = .taskEnded(name)
        let process = ManagedProcess(temporary: name, role: instance.role, stopGrace: instance.process.stopGrace)
        perform(fleet.add(process))
    }

    private func result(for goal: Conversation.Goal) -> ControlResult? {
        switch goal {
        case .request, .none: nil
        case .stopped(let names):
            names.allSatisfy { fleet[$0]?.isAtRest != false } ? .done("stopped \(names.joined(separator: ", "))") : nil
        case .ready(let names): readyResult(names)
        case .moved(let partition, let target): movedResult(partition, target)
        case .taskEnded(let name): taskResult(name)
        case .faultsApplied(let names, let version, let result): haveApplied(names, version) ? result : nil
        }
    }

    private func readyResult(_ names: [String]) -> ControlResult? {
        let processes = names.compactMap { fleet[$0] }
        if let failed = processes.first(where: \.isAtRest) {
            let reason = failed.lastExitReason ?? "it was stopped"
            return .refused(.failed, "\(failed.name) is not ready: \(reason)")
        }
        return processes.allSatisfy(\.isReady) ? .done("ready: \(names.joined(separator: ", "))") : nil
    }

    private func taskResult(_ name: String) -> ControlResult? {
        guard let process = fleet[name] else { return .refused(.failed, "\(name) is gone") }
        guard process.isAtRest else { return nil }
        let exit = process.state.lastExit
        return ControlResult(
            ok: exit?.code == 0, message: exit?.reason ?? "ended",
            exitCode: exit?.code ?? ClusterError.Code.failed.exitCode, signal: exit?.signal)
    }
}
