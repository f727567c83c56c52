package import RoostCore

/// Where the answers to commands go: one object per peer. Called on the work thread; never blocks.
package protocol AnswerPort: AnyObject, Sendable {
    func deliver(_ answers: [CommandAnswer])
}

/// A command and where its answer goes. A class, because a request is large and passes through many hands: take from
/// `request` what you need, for a copy of it counts a reference to each of its texts.
package final class CommandDelivery: Sendable {
    package let request: CommandRequest
    package let port: any AnswerPort

    package init(request: CommandRequest, port: any AnswerPort) {
        self.request = request
        self.port = port
    }
}

/// Where a publisher puts its messages. Called on the work thread; never blocks, may drop: the log is the truth.
package protocol BusOutlet: Sendable {
    func publish(_ message: BusMessage)
}

/// Sends commands to whoever owns their partitions and follows `moved`.
package protocol CommandSender: Sendable {
    /// One answer per request, in order, at the latest shortly after its deadline: then `unknown`.
    func send(_ requests: [CommandRequest]) async -> [CommandAnswer]
}

/// Time, given to everything that needs it.
package protocol NodeClock: Sendable {
    /// The wall clock.
    var now: Timestamp { get }
    /// Returns after `duration`, or throws `CancellationError`. Resumes on the node's own executor.
    func sleep(for duration: Duration) async throws
}

/// The executors of one node: shared threads in production, a lane per actor in the simulator.
package protocol NodeExecutors: Sendable {
    /// For an actor that does no blocking work.
    func lane(_ name: String) -> any SerialExecutor
    /// For an actor that calls the log's writer, which may wait for the disk.
    func logLane(_ name: String) -> any SerialExecutor
    /// What tasks of the node prefer, so that nothing escapes to the default pool.
    var tasks: any TaskExecutor { get }
    /// What the tasks of the log lane of that name prefer.
    func logTasks(_ name: String) -> any TaskExecutor
    /// For an actor whose work nobody waits for.
    func asideLane(_ name: String) -> any SerialExecutor
    /// What the tasks of such actors prefer.
    var asideTasks: any TaskExecutor { get }
}
