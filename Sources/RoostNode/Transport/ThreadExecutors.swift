package import RoostZeroMQ
import Synchronization

/// The threads of a node in production: one for all its actors and sockets, others for what may wait for the disk.
///
/// Partitions share the log threads in turn: several, so that one partition decides and syncs while another waits for
/// the disk.
package final class ThreadExecutors: NodeExecutors {
    package let work: SocketThread
    private let logs: [SocketThread]
    /// Which log thread a name got.
    private let assigned = Mutex<[String: Int]>([:])

    /// Starts the threads; `shutdown` ends them.
    package init(name: String, logThreads: Int = 1) {
        work = SocketThread(name: name)
        logs = (0..<max(1, logThreads)).map { SocketThread(name: $0 == 0 ? "\(name)-log" : "\(name)-log\($0)") }
    }

    package func lane(_ name: String) -> any SerialExecutor { work }
    package func logLane(_ name: String) -> any SerialExecutor { log(name) }
    package var tasks: any TaskExecutor { work }
    package func logTasks(_ name: String) -> any TaskExecutor { log(name) }

    private func log(_ name: String) -> SocketThread {
        logs[
            assigned.withLock { assigned in
                if let index = assigned[name] { return index }
                let index = assigned.count % logs.count
                assigned[name] = index
                return index
            }]
    }

    /// Call it from another thread, when every task of the node has ended and every socket is closed.
    package func shutdown() {
        for log in logs { log.shutdown() }
        work.shutdown()
    }
}
