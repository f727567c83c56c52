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
        /// Adds a fault; returns when it holds.
        case faultAdd
        /// Takes a fault back, or all of them.
        case faultClear
    }

    package var action: Action
    /// The name of an instance, or of a process for all its replicas.
    package var target: String
    /// For `run`: the task, and what the process is given besides.
    package var task: String?
    package var arguments: [String]?
    package var signal: Int32?
    package var partition: UInt32?
    /// For `faultAdd`.
    package var fault: FaultSpec?
    /// For `faultClear`; nil for all.
    package var faultID: Int?

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

    package static func add(_ fault: FaultSpec) -> ControlRequest {
        var request = ControlRequest(.faultAdd, target: "")
        request.fault = fault
        return request
    }

    /// `id` nil means all.
    package static func clearFault(_ id: Int?) -> ControlRequest {
        var request = ControlRequest(.faultClear, target: "")
        request.faultID = id
        return request
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
    /// What to type next after a refusal.
    package var next: String?
    /// The faults that were added, or cleared with all they did.
    package var faults: [ActiveFault]?
    /// What killed the process of a task; nil when nothing did.
    package var signal: Int32?

    package init(
        ok: Bool, message: String, exitCode: Int32, next: String? = nil, faults: [ActiveFault]? = nil,
        signal: Int32? = nil
    ) {
        self.signal = signal
        self.ok = ok
        self.message = message
        self.exitCode = exitCode
        self.next = next
        self.faults = faults
    }

    static func done(_ message: String) -> ControlResult { ControlResult(ok: true, message: message, exitCode: 0) }

    static func refused(_ code: ClusterError.Code, _ message: String, next: String? = nil) -> ControlResult {
        ControlResult(ok: false, message: message, exitCode: code.exitCode, next: next)
    }
}
