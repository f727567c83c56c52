package import RoostZeroMQ
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The threads of a node in production: one for all its actors and sockets, others for what may wait for the disk.
///
/// Partitions share the log threads in turn. One is best where processors are few: while it commits one partition, the
/// commits of the others grow, and a commit costs nearly the same however many events it has.
package final class ThreadExecutors: NodeExecutors {
    package let work: SocketThread
    private let logs: [SocketThread]
    /// Which log thread a name got.
    private let assigned = Mutex<[String: Int]>([:])

    /// Half the processors, for the other half decides commands; at most 8.
    private static func logThreads(partitions: Int) -> Int {
        let processors = Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        return max(1, min(partitions, processors / 2, 8))
    }

    /// Starts the threads; `shutdown` ends them.
    package init(name: String, partitions: Int = 1) {
        work = SocketThread(name: name)
        logs = (0..<Self.logThreads(partitions: partitions)).map {
            SocketThread(name: $0 == 0 ? "\(name)-log" : "\(name)-log\($0)")
        }
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
