/// The life of one process, as a value: what happens goes in, what is to be done comes out.
///
/// stopped → starting ⇄ ready → stopping → stopped; starting, ready → backoff → starting; starting, ready → failed.
/// Times count from the supervisor's start.
struct ManagedProcess: Sendable {
    enum Action: Hashable, Sendable { case spawn, terminate, kill }

    private enum Phase: Hashable, Sendable {
        case stopped, starting, ready, failed
        case stopping(killAt: Duration, killed: Bool)
        case backoff(until: Duration, pause: Duration)
    }

    let name: String
    let role: ProcessRole
    /// Started for one task; it disappears when it ended.
    let isTemporary: Bool
    private let policy: RestartPolicy
    private let stopGrace: Duration

    private var phase = Phase.stopped
    private var history: RestartHistory
    private var identity: ProcessIdentity?
    private var status = ProcessStatus()
    private var wasReady = false
    private var startsAfterStop = false
    private var starts = 0
    private var lastExit: ProcessState.Exit?

    init(_ instance: ProcessInstance) {
        name = instance.name
        role = instance.role
        isTemporary = false
        policy = instance.process.restart
        stopGrace = instance.process.stopGrace
        history = RestartHistory(policy: policy)
    }

    /// A process for one task, never restarted.
    init(temporary name: String, role: ProcessRole, stopGrace: Duration) {
        self.name = name
        self.role = role
        self.stopGrace = stopGrace
        isTemporary = true
        policy = RestartPolicy(when: .never)
        history = RestartHistory(policy: policy)
    }

    // MARK: - Questions

    /// Whether a process of the operating system exists.
    var isAlive: Bool {
        switch phase {
        case .starting, .ready, .stopping: true
        case .stopped, .failed, .backoff: false
        }
    }

    var isReady: Bool { phase == .ready }
    /// Whether nothing more happens unless somebody asks for it.
    var isAtRest: Bool { phase == .stopped || phase == .failed }
    var hasFailed: Bool { phase == .failed }
    var isInBackoff: Bool { if case .backoff = phase { true } else { false } }
    /// Whether it is to do its work, and not to end.
    var isWorking: Bool { phase == .starting || phase == .ready }
    var pid: Int32? { identity?.pid }
    /// Why it is about to end, as it said.
    var reason: String? { status.reason }
    /// The last order about partitions that it carried out.
    var order: Int64 { status.order }
    /// What it serves, as it said last.
    var partitions: [UInt32] { isAlive ? status.partitions : [] }
    var lastExitReason: String? { lastExit?.reason }

    /// When `tick` has something to do.
    var deadline: Duration? {
        switch phase {
        case .backoff(let until, _): until
        case .stopping(let killAt, false): killAt
        default: nil
        }
    }

    // MARK: - Requests

    /// Starts a process that does not run; after a failure the count of restarts begins anew.
    mutating func start() -> Action? {
        guard !isAlive else { return nil }
        history = RestartHistory(policy: policy)
        return beginStart()
    }

    /// Ends it and starts it again; one that does not run is only started.
    mutating func restart(at now: Duration) -> Action? {
        guard isAlive else { return start() }
        let action = stop(at: now)
        startsAfterStop = true
        return action
    }

    /// Asks for an orderly end, and allows it the time of the topology.
    mutating func stop(at now: Duration) -> Action? {
        startsAfterStop = false
        switch phase {
        case .starting, .ready:
            phase = .stopping(killAt: now + stopGrace, killed: false)
            return .terminate
        case .backoff:
            phase = .stopped
            return nil
        case .stopped, .failed, .stopping: return nil
        }
    }

    /// Ends it now.
    mutating func kill(at now: Duration) -> Action? {
        startsAfterStop = false
        guard isAlive else {
            if isInBackoff { phase = .stopped }
            return nil
        }
        phase = .stopping(killAt: now, killed: true)
        return .kill
    }

    // MARK: - Events

    mutating func spawned(_ identity: ProcessIdentity) { self.identity = identity }

    mutating func heard(_ status: ProcessStatus) {
        self.status = status
        switch phase {
        case .starting, .ready: phase = status.ready ? .ready : .starting
        default: return
        }
        wasReady = wasReady || status.ready
    }

    /// Why it will end, unless it says so itself.
    mutating func explain(_ reason: String) { status.reason = status.reason ?? reason }

    /// The process ended, or could not be started. Returns `.spawn` when it starts again at once.
    mutating func ended(_ exit: ProcessExit, at now: Duration, mayRestart: Bool = true, wasDeprived: Bool = false)
        -> Action?
    {
        let wasStopping = if case .stopping = phase { true } else { false }
        recordExit(exit)
        if wasStopping {
            phase = .stopped
            return startsAfterStop && mayRestart ? start() : nil
        }
        guard mayRestart else {
            phase = .stopped
            return nil
        }
        let exit = wasDeprived && exit == .code(ProcessExit.broken) ? .code(1) : exit
        switch history.ended(exit, wasReady: wasReady, reason: status.reason, at: now) {
        case .rest: phase = .stopped
        case .giveUp(let reason):
            phase = .failed
            lastExit?.reason = reason
        case .restart(.zero): return beginStart()
        case .restart(let pause): phase = .backoff(until: now + pause, pause: pause)
        }
        return nil
    }

    /// Does what is due: a start after a pause, a kill after the time for an orderly end.
    mutating func tick(at now: Duration) -> Action? {
        switch phase {
        case .backoff(let until, _) where until <= now: return beginStart()
        case .stopping(let killAt, false) where killAt <= now:
            phase = .stopping(killAt: killAt, killed: true)
            return .kill
        default: return nil
        }
    }

    private mutating func beginStart() -> Action {
        phase = .starting
        status = ProcessStatus()
        wasReady = false
        startsAfterStop = false
        starts += 1
        return .spawn
    }

    private mutating func recordExit(_ exit: ProcessExit) {
        identity = nil
        let reason = status.reason ?? exit.description
        lastExit =
            switch exit {
            case .code(let code): ProcessState.Exit(code: code, reason: reason)
            case .signal(let signal): ProcessState.Exit(signal: signal, reason: reason)
            }
    }
}

extension ManagedProcess {
    /// What everybody else may know.
    var state: ProcessState {
        ProcessState(
            name: name, role: role, pid: identity?.pid, startTime: identity?.startTime, state: statePhase,
            ready: isReady, restarts: max(0, starts - 1), lastExit: lastExit, waitingFor: waitingFor,
            endpoints: isAlive ? status.endpoints : [], partitions: partitions, counters: status.counters,
            isTemporary: isTemporary)
    }

    private var statePhase: ProcessState.Phase {
        switch phase {
        case .stopped: .stopped
        case .starting: .starting
        case .ready: .ready
        case .failed: .failed
        case .stopping: .stopping
        case .backoff: .backoff
        }
    }

    private var waitingFor: String? {
        switch phase {
        case .stopped, .failed: nil
        case .ready: status.waitingFor
        case .starting: status.waitingFor ?? status.progress ?? "its first report"
        case .stopping(_, let killed): killed ? "the end of the killed process" : "its orderly end"
        case .backoff(_, let pause): "restart \(starts) after a pause of \(DurationText.text(pause))"
        }
    }
}
