/// What a command asks of the supervisor: one line of JSON on the control socket.
package struct ControlRequest: Codable, Hashable, Sendable {
    package enum Action: String, Codable, Sendable {
        /// Returns when the processes are ready, or have failed.
        case start
        /// Returns when the processes have ended.
        case stop
        /// Stop, then start.
        case restart
        /// Sends a signal and returns at once.
        case kill
        /// Runs `NAME@TASK` beside the cluster and hands on what it prints until it ends.
        case run
        /// Gives `partition` to the target; returns when it is served there.
        case move
    }

    package var action: Action
    /// The name of an instance, or of a process for all its replicas.
    package var target: String
    /// For `run`: the task, and what the process is given besides.
    package var task: String?
    package var arguments: [String]?
    package var signal: Int32?
    package var partition: UInt32?

    package init(
        _ action: Action, target: String, task: String? = nil, arguments: [String]? = nil, signal: Int32? = nil,
        partition: UInt32? = nil
    ) {
        self.action = action
        self.target = target
        self.task = task
        self.arguments = arguments
        self.signal = signal
        self.partition = partition
    }
}

/// What the supervisor answers: any number of lines, then a result.
struct ControlReply: Codable, Hashable, Sendable {
    /// A line of the process that runs the task.
    var line: String?
    var result: ControlResult?
}

/// How a request to the supervisor ended.
package struct ControlResult: Codable, Hashable, Sendable {
    package var ok: Bool
    /// What was done, or why not.
    package var message: String
    /// What the command line exits with.
    package var exitCode: Int32

    package init(ok: Bool, message: String, exitCode: Int32) {
        self.ok = ok
        self.message = message
        self.exitCode = exitCode
    }

    static func done(_ message: String) -> ControlResult { ControlResult(ok: true, message: message, exitCode: 0) }

    static func refused(_ code: ClusterError.Code, _ message: String) -> ControlResult {
        ControlResult(ok: false, message: message, exitCode: code.exitCode)
    }
}
