/// All processes of a cluster, as a value: starts them writers first and ends them writers last.
struct Fleet: Sendable {
    struct Step: Hashable, Sendable {
        let name: String
        let action: ManagedProcess.Action
    }

    /// In the order of starting; those for one task at the end.
    private(set) var processes: [ManagedProcess]
    private(set) var isStopping = false

    init(_ instances: [ProcessInstance]) {
        processes = ProcessRole.startOrder.flatMap { role in
            instances.filter { $0.role == role }.map { ManagedProcess($0) }
        }
    }

    /// Whether a stop was asked for and nothing runs any more.
    var hasStopped: Bool { isStopping && !processes.contains { $0.isAlive } }
    var deadline: Duration? { processes.compactMap(\.deadline).min() }

    subscript(name: String) -> ManagedProcess? { processes.first { $0.name == name } }

    mutating func startAll() -> [Step] {
        update(all: { _ in true }) { $0.start() }
    }

    /// Applies a change to one process.
    mutating func update(_ name: String, _ change: (inout ManagedProcess) -> ManagedProcess.Action?) -> [Step] {
        update(all: { $0.name == name }, change)
    }

    /// Begins an orderly end of everything; `tick` goes on with it.
    mutating func stopAll(at now: Duration) -> [Step] {
        isStopping = true
        // What waits for a restart shall not come back while others are ending.
        _ = update(all: { $0.isInBackoff }) { $0.stop(at: now) }
        return stopNextTier(at: now)
    }

    mutating func killAll(at now: Duration) -> [Step] {
        isStopping = true
        return update(all: { _ in true }) { $0.kill(at: now) }
    }

    /// Does what is due, and forgets what ended its one task.
    mutating func tick(at now: Duration) -> [Step] {
        let due = update(all: { _ in true }) { $0.tick(at: now) }
        return due + (isStopping ? stopNextTier(at: now) : [])
    }

    mutating func add(_ process: ManagedProcess) -> [Step] {
        processes.append(process)
        return update(process.name) { $0.start() }
    }

    mutating func remove(_ name: String) { processes.removeAll { $0.name == name } }

    /// A process that ended while all are stopping stays ended. One that ended because others own what it had starts again.
    mutating func ended(_ name: String, _ exit: ProcessExit, at now: Duration, wasDeprived: Bool = false) -> [Step] {
        let mayRestart = !isStopping
        return update(name) { $0.ended(exit, at: now, mayRestart: mayRestart, wasDeprived: wasDeprived) }
    }

    /// Ends the first tier that is still alive; the next one only when it is gone.
    private mutating func stopNextTier(at now: Duration) -> [Step] {
        let tiers =
            [{ @Sendable (process: ManagedProcess) in process.isTemporary }]
            + ProcessRole.stopOrder.map { role in
                { @Sendable (process: ManagedProcess) in process.role == role && !process.isTemporary }
            }
        guard let tier = tiers.first(where: { tier in processes.contains { $0.isAlive && tier($0) } }) else {
            return []
        }
        return update(all: tier) { $0.stop(at: now) }
    }

    private mutating func update(
        all matches: (ManagedProcess) -> Bool, _ change: (inout ManagedProcess) -> ManagedProcess.Action?
    ) -> [Step] {
        var steps: [Step] = []
        for index in processes.indices where matches(processes[index]) {
            if let action = change(&processes[index]) {
                steps.append(Step(name: processes[index].name, action: action))
            }
        }
        return steps
    }
}
