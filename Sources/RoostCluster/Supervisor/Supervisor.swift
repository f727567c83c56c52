import Foundation

/// Starts the processes of a cluster, watches them, starts them again and stops them; nothing outlives it.
///
/// One thread does everything: it waits for signals, children, requests and due times, lets `Fleet` decide, and acts.
public final class Supervisor {
    /// What a supervisor needs besides the topology; the command line fills it in.
    public struct Configuration: Sendable {
        /// Where the cluster lives.
        public var directory: ClusterDirectory
        /// Which processes there are.
        public var topology: Topology
        /// Makes or opens the log before any process starts, and returns its identity. May refuse.
        public var prepareLog: @Sendable () throws(ClusterError) -> String
        /// What to execute for an instance, with extra arguments for a task.
        public var command:
            @Sendable (_ instance: String, _ process: TopologyProcess, _ arguments: [String])
                throws(ClusterError) -> ChildCommand
        /// Whether faults of messages and disks can be added though the topology says nothing about faults.
        public var allowsFaults = false
        /// Called with the state after every change, on the supervisor's thread.
        public var onChange: @Sendable (ClusterState) -> Void

        /// Every process runs this executable again, unless `command` is set to something else.
        public init(
            directory: ClusterDirectory, topology: Topology,
            prepareLog: @escaping @Sendable () throws(ClusterError) -> String,
            onChange: @escaping @Sendable (ClusterState) -> Void = { _ in }
        ) {
            self.directory = directory
            self.topology = topology
            self.prepareLog = prepareLog
            self.onChange = onChange
            command = { instance, process, arguments throws(ClusterError) in
                try ChildCommand.process(
                    instance, in: directory, environment: process.environment, arguments: arguments)
            }
        }
    }

    /// A loop that slept for so much longer than it meant to knows nothing about the silence of others.
    private static let oversleepMax = Duration.milliseconds(250)
    /// How long a state that could not be written waits for the next try.
    private static let writeRetryPause = Duration.milliseconds(500)

    let configuration: Configuration
    let wakeup: Wakeup
    var fleet: Fleet
    var children: [String: ChildProcess] = [:]
    var conversations: [Conversation] = []
    /// What temporary processes were asked to do, by their name.
    var tasks: [String: TaskRequest] = [:]
    /// Who shall own which partition.
    var owners: PartitionOwners
    /// When instances of a process with failover said something last.
    var beats: [String: Duration] = [:]
    /// Instances whose partitions went to others while they stood still: their end for that reason is no failure.
    var deprived: Set<String> = []
    /// The newest order about partitions that each instance was given.
    var orders: [String: Int64] = [:]
    var lastOrder: Int64 = 0
    /// Whether the last sleep of the loop was much longer than it was meant to be.
    private(set) var overslept = false
    var faults: FaultLedger
    /// Those that faults pause now.
    var pausedChildren: Set<Int32> = []
    private var state: ClusterState
    /// Whether `state` is not in its file yet: the disk may be full. Tried again until it is.
    private var isUnwritten = false
    private let start = ContinuousClock.now

    /// Starts nothing yet. Throws when the machine has no descriptors left.
    public init(_ configuration: Configuration) throws(ClusterError) {
        self.configuration = configuration
        do throws(SystemCallError) {
            wakeup = try Wakeup()
        } catch {
            throw ClusterError(error)
        }
        let allowsFaults = configuration.allowsFaults || configuration.topology.faults != nil
        fleet = Fleet(configuration.topology.instances + (allowsFaults ? [.proxy] : []))
        owners = PartitionOwners(configuration.topology.instances)
        faults = FaultLedger(
            areAllowed: allowsFaults, from: configuration.topology.faults ?? [])
        state = ClusterState(
            cluster: configuration.directory.name,
            supervisor: ProcessIdentity(pid: getpid()) ?? ProcessIdentity(pid: getpid(), startTime: 0), gateway: nil,
            logID: "", isRunning: true, processes: [])
    }

    /// After `run`: somebody at the keyboard asked for the stop.
    public var wasInterrupted: Bool { wakeup.wasInterrupted }

    /// Runs the cluster until SIGTERM, SIGINT or SIGHUP; returns when no process of it is left.
    ///
    /// A second signal kills what has not ended by then. Throws when the cluster runs already (exit 5), or when it
    /// cannot be prepared; then nothing was started.
    public func run() throws(ClusterError) {
        let directory = configuration.directory
        try directory.create()
        try directory.createSockets()
        guard let lock = try ClusterLock.take(directory) else { throw Self.runsAlready(directory) }
        try StaleProcesses.end(of: directory)
        try ClusterAddresses.prepare(
            directory, configuration.topology, withProxy: faults.list.areAllowed)
        try prepareKeys(directory)
        state.logID = try configuration.prepareLog()
        let listener = try listen(directory)
        defer {
            close(listener)
            unlink(directory.controlSocket)
        }
        do { try faults.list.write(directory) } catch {
            throw ClusterError(.failed, "\(directory.faultsFile) cannot be written: \(error)", next: "roost doctor")
        }
        wakeup.takeSignals()
        perform(fleet.startAll())
        loop(listener)
        withExtendedLifetime(lock) {}
    }

    private func prepareKeys(_ directory: ClusterDirectory) throws(ClusterError) {
        do throws(KeyError) {
            try ClusterKeys.prepare(directory, configuration.topology)
        } catch {
            throw ClusterError(.failed, error.message, next: error.next)
        }
    }

    static func runsAlready(_ directory: ClusterDirectory) -> ClusterError {
        ClusterError(.wrongState, "cluster '\(directory.name)' runs already", next: "roost ps, or roost down")
    }

    private func listen(_ directory: ClusterDirectory) throws(ClusterError) -> Int32 {
        do throws(SystemCallError) {
            return try UnixSocket.listen(at: directory.controlSocket)
        } catch {
            throw ClusterError(error)
        }
    }

    // MARK: - The loop

    var now: Duration { start.duration(to: .now) }

    private func loop(_ listener: Int32) {
        publish()
        while !fleet.hasStopped {
            wait(listener)
            takeReasons()
            readStatuses()
            reap()
            converse(listener)
            watchOwners()
            perform(fleet.tick(at: now))
            // Whoever is answered finds the state that the answer speaks of.
            publish()
            settleConversations()
            publish()
        }
        state.isRunning = false
        publish(always: true)
    }

    /// Sleeps until something happens or something is due.
    private func wait(_ listener: Int32) {
        var descriptors = [pollfd(fd: wakeup.descriptor, events: Int16(POLLIN), revents: 0)]
        descriptors.append(pollfd(fd: listener, events: Int16(POLLIN), revents: 0))
        descriptors += children.values.compactMap(\.statusChannel).map {
            pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
        }
        descriptors += children.values.compactMap(\.orderChannel).map {
            pollfd(fd: $0, events: Int16(POLLOUT), revents: 0)
        }
        descriptors += conversations.map { pollfd(fd: $0.descriptor, events: $0.events, revents: 0) }
        let (patience, begin) = (timeout(), now)
        poll(&descriptors, nfds_t(descriptors.count), patience)
        overslept = patience >= 0 && now - begin > .milliseconds(Int64(patience)) + Self.oversleepMax
        children.values.forEach { $0.flushOrders() }
    }

    /// In milliseconds, rounded up; -1 when nothing is due.
    private func timeout() -> Int32 {
        let retry = isUnwritten ? now + Self.writeRetryPause : nil
        guard let deadline = [fleet.deadline, watchDeadline, retry].compactMap({ $0 }).min() else { return -1 }
        let left = (deadline - now) / .milliseconds(1)
        return Int32(min(max(left.rounded(.up), 0), 60_000))
    }

    private func takeReasons() {
        for reason in wakeup.take() where reason == .stopRequested {
            perform(fleet.isStopping ? fleet.killAll(at: now) : fleet.stopAll(at: now))
            // Who is held cannot end in order.
            children.keys.sorted().forEach { holdIfPaused($0) }
        }
    }

    private func readStatuses() {
        for child in children.values.sorted(by: { $0.name < $1.name }) { readStatus(child) }
    }

    private func readStatus(_ child: ChildProcess) {
        for line in child.readLines() {
            do {
                let status = try JSONText.decode(ProcessStatus.self, from: line)
                perform(
                    fleet.update(child.name) {
                        $0.heard(status); return nil
                    })
                noteOwner(child.name, status)
                if faults.heard(child.name, status.counters) { writeFaults() }
                show(line, of: child)
            } catch {
                hand(line, of: child)
            }
        }
    }

    private func reap() {
        for child in children.values.sorted(by: { $0.name < $1.name }) {
            guard let exit = child.reap() else { continue }
            // The last line says why it ended.
            readStatus(child)
            children[child.name] = nil
            pausedChildren.remove(child.pid)
            faults.ended(child.name)
            let wasDeprived = noteEnd(of: child.name, exit)
            perform(fleet.ended(child.name, exit, at: now, wasDeprived: wasDeprived))
        }
    }

    // MARK: - Acting

    func perform(_ steps: [Fleet.Step]) {
        for step in steps {
            switch step.action {
            case .spawn: spawn(step.name)
            case .terminate: children[step.name]?.signal(SIGTERM)
            case .kill: children[step.name]?.signal(SIGKILL)
            }
        }
    }

    /// A process that cannot be started has ended: with code 127, as a shell says it.
    private func spawn(_ name: String) {
        do {
            let command = try command(for: name)
            let child = try ChildProcess.spawn(name, command, logFile: configuration.directory.logFile(of: name))
            children[name] = child
            // Before it can do anything: a paused process stays paused over its restart.
            holdIfPaused(name)
            let identity = ProcessIdentity(pid: child.pid) ?? ProcessIdentity(pid: child.pid, startTime: 0)
            perform(
                fleet.update(name) {
                    $0.spawned(identity); return nil
                })
            child.watch { [wakeup] in wakeup.wake(.childEnded) }
            order(name)
        } catch {
            let reason = "cannot be started: \(error)"
            perform(
                fleet.update(name) {
                    $0.heard(ProcessStatus(reason: reason)); return nil
                })
            perform(fleet.ended(name, .code(127), at: now))
        }
    }

    // MARK: - State

    private func publish(always: Bool = false) {
        var next = state
        next.processes = fleet.processes.map { withPause($0.state) }
        next.gateway = next.processes.first { $0.role == .gateway }?.endpoints.first { $0.hasPrefix("http") }
        let isNew = always || next != state
        guard isNew || isUnwritten else { return }
        state = next
        write()
        if isNew { configuration.onChange(state) }
    }

    private func write() {
        do {
            try state.write(configuration.directory)
            isUnwritten = false
        } catch {
            if !isUnwritten { report("ps shows an old state, because state.json cannot be written: \(error)") }
            isUnwritten = true
        }
    }

    /// To the standard error, which is the supervisor's log when it runs in the background.
    func report(_ message: String) {
        do throws(SystemCallError) {
            try FileText.writeAll(Array("roost: \(message)\n".utf8), to: 2)
        } catch {
            return
        }
    }
}
