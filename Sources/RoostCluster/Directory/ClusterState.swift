/// What the supervisor knows, written at every change: the truth that `ps` shows and other commands start from.
public struct ClusterState: Codable, Hashable, Sendable {
    /// The name of the cluster.
    public var cluster: String
    /// The supervisor that wrote this: when it is gone, nothing here is certain.
    public var supervisor: ProcessIdentity
    /// The address of the gateway, once it is bound.
    public var gateway: String?
    /// The identity of the log, as a UUID.
    public var logID: String
    /// False once the supervisor has stopped everything and is about to end.
    public var isRunning: Bool
    /// Every process of the topology, and the temporary ones.
    public var processes: [ProcessState]

    /// Whether every process of the topology is ready.
    public var isReady: Bool { isRunning && processes.allSatisfy { $0.ready || $0.isTemporary } }

    /// The state in a directory; nil when none was ever written.
    public static func read(_ directory: ClusterDirectory) throws(ClusterError) -> ClusterState? {
        do throws(SystemCallError) {
            guard let bytes = try FileText.contents(of: directory.stateFile) else { return nil }
            return decode(bytes)
        } catch {
            throw ClusterError(error)
        }
    }

    func write(_ directory: ClusterDirectory) throws {
        try FileText.replace(directory.stateFile, with: JSONText.line(self), mode: 0o600)
    }

    /// A file of another version of Roost counts as none.
    private static func decode(_ bytes: [UInt8]) -> ClusterState? {
        do {
            return try JSONText.decode(ClusterState.self, from: bytes)
        } catch {
            return nil
        }
    }
}

/// One process as the supervisor sees it.
public struct ProcessState: Codable, Hashable, Sendable {
    /// What the supervisor is doing with the process. The raw values are part of documents.
    public enum Phase: String, Codable, Hashable, Sendable {
        /// Started, not yet ready.
        case starting
        case ready
        /// Held by a fault until that is cleared.
        case paused
        /// Told to end.
        case stopping
        /// Ended as it should; nothing will start it but a request.
        case stopped
        /// Ended with an error that another start would not change.
        case failed
        /// Ended with an error; waiting to be started again.
        case backoff
    }

    /// The last time a process ended.
    public struct Exit: Codable, Hashable, Sendable {
        /// nil when a signal ended it.
        public var code: Int32?
        /// nil when it ended by itself.
        public var signal: Int32?
        /// In words; what the process itself said, if it said anything.
        public var reason: String

        /// Exactly one of `code` and `signal` is given.
        public init(code: Int32? = nil, signal: Int32? = nil, reason: String) {
            self.code = code
            self.signal = signal
            self.reason = reason
        }
    }

    /// The name of the instance, as in `orders-0`.
    public var name: String
    /// What the process does.
    public var role: ProcessRole
    /// nil while no process runs.
    public var pid: Int32?
    /// With `pid` it names one run, in clock ticks since the machine started; nil while no process runs.
    public var startTime: UInt64?
    /// Where it stands between its start and its end.
    public var state: Phase
    /// Everything the process is for works now.
    public var ready: Bool
    /// Starts after the first, since the supervisor began.
    public var restarts: Int
    /// nil until the process has ended once.
    public var lastExit: Exit?
    /// What it waits for, in words; nil when it waits for nothing.
    public var waitingFor: String?
    /// The addresses it is bound to; empty while no process runs.
    public var endpoints: [String]
    /// The partitions it owns; empty for all but writers, and for a standby.
    public var partitions: [UInt32]
    /// What it counts, as it said last.
    public var counters: [String: Int64]
    /// Started for one task, such as a rebuild; not a part of the topology.
    public var isTemporary: Bool
}
