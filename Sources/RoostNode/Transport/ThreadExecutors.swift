package import RoostZeroMQ
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The threads of a node in production: one for all its actors and sockets, others for what may wait for the disk, one
/// for what nobody waits for.
///
/// Partitions share the log threads in turn, one per processor: while one waits for the disk, another works. More would
/// only make commits smaller, and a commit costs nearly the same however many events it has.
package final class ThreadExecutors: NodeExecutors {
    package let work: SocketThread
    private let aside: SocketThread
    private let logs: [SocketThread]
    /// Which log thread a name got.
    private let assigned = Mutex<[String: Int]>([:])

    /// At most 8.
    private static func logThreads(partitions: Int) -> Int {
        max(1, min(partitions, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))), 8))
    }

    /// Starts the threads; `shutdown` ends them.
    package init(name: String, partitions: Int = 1) {
        work = SocketThread(name: name)
        aside = SocketThread(name: "\(name)-aside")
        logs = (0..<Self.logThreads(partitions: partitions)).map {
            SocketThread(name: $0 == 0 ? "\(name)-log" : "\(name)-log\($0)")
        }
    }

    package func lane(_ name: String) -> any SerialExecutor { work }
    package func logLane(_ name: String) -> any SerialExecutor { log(name) }
    package var tasks: any TaskExecutor { work }
    package func logTasks(_ name: String) -> any TaskExecutor { log(name) }
    package func asideLane(_ name: String) -> any SerialExecutor { aside }
    package var asideTasks: any TaskExecutor { aside }

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
        aside.shutdown()
        work.shutdown()
    }
}
