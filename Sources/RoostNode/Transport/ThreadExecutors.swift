package import RoostZeroMQ

/// The two threads of a node in production: one for all its actors and sockets, one for what may wait for the disk.
package struct ThreadExecutors: NodeExecutors {
    package let work: SocketThread
    package let log: SocketThread

    /// Starts both threads; `shutdown` ends them.
    package init(name: String) {
        work = SocketThread(name: name)
        log = SocketThread(name: "\(name)-log")
    }

    package func lane(_ name: String) -> any SerialExecutor { work }
    package func logLane(_ name: String) -> any SerialExecutor { log }
    package var tasks: any TaskExecutor { work }
    package var logTasks: any TaskExecutor { log }

    /// Call it from another thread, when every task of the node has ended and every socket is closed.
    package func shutdown() {
        log.shutdown()
        work.shutdown()
    }
}
