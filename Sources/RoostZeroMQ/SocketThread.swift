internal import CZeroMQ
internal import DequeModule
internal import Glibc
internal import Synchronization

/// One operating-system thread that runs actors, timers and ZeroMQ sockets, one thing at a time, in order of arrival.
///
/// Actors name it as their executor, tasks prefer it (`executorPreference:`), and sockets made on it are used on it
/// alone: a call from elsewhere traps with the thread's name. Without work it sleeps in the kernel until a job, a
/// message or the next timer arrives. Without sockets it is a plain executor, as the log thread is.
@safe package final class SocketThread: SerialExecutor, TaskExecutor, @unchecked Sendable {
    // @unchecked: `inbox` is a lock, and what is not is touched by the thread alone once `init` has returned.

    enum Work {
        case job(UnownedJob)
        case closure(@Sendable () -> Void)
    }

    struct Inbox {
        var work: Deque<Work> = []
        var timers = TimerQueue()
        /// The thread waits in poll, or is about to: whoever adds work must signal.
        var isAsleep = false
        var isStopping = false
        var hasEnded = false
    }

    /// Jobs run for about so long before sockets get their turn: neither starves the other.
    static let turnNanoseconds: UInt64 = 200_000

    package let name: String
    let inbox = Mutex(Inbox())
    let wakeUp = WakeUp()
    private let thread = Atomic<UInt>(0)

    /// Everything from here on is touched by the thread alone.
    var sockets: [Socket] = []
    var pollSetIsStale = true
    var pollSet = PollSet()
    var endOfTurn: [@Sendable () -> Void] = []
    var allowList: AllowList?
    private var lastNumber = 0
    private var contextHandle: UnsafeMutableRawPointer?

    /// Starts the thread. It lives until `shutdown`.
    package init(name: String) {
        self.name = name
        var identity = pthread_t()
        let retained = unsafe Unmanaged.passRetained(self)
        let failure = Self.withSignalsBlocked {
            unsafe pthread_create(
                &identity, nil,
                { argument in
                    guard let argument = unsafe argument else { return nil }
                    unsafe Unmanaged<SocketThread>.fromOpaque(argument).takeRetainedValue().main()
                    return nil
                }, unsafe retained.toOpaque())
        }
        precondition(failure == 0, "thread '\(name)' could not be started: error \(failure)")
        thread.store(UInt(identity), ordering: .releasing)
    }

    /// Runs what is queued, then ends the thread and waits for that. Sockets must be closed before. Call it once,
    /// from another thread; work that arrives later traps.
    package func shutdown() {
        precondition(!isCurrent, "thread '\(name)' was asked to wait for its own end; shut it down from outside")
        let mayStop = inbox.withLock { inbox in
            defer { inbox.isStopping = true }
            return !inbox.isStopping
        }
        precondition(mayStop, "thread '\(name)' was shut down twice")
        wakeUp.signal()
        pthread_join(pthread_t(thread.load(ordering: .acquiring)), nil)
        wakeUp.close()
    }

    /// Whether the caller runs on this thread.
    @inline(__always)
    package var isCurrent: Bool { UInt(pthread_self()) == ownIdentity }

    /// Traps with the thread's name unless the caller runs on it.
    @inline(__always)
    package func assertCurrent(_ use: @autoclosure () -> String) {
        precondition(isCurrent, "\(use()) belongs to thread '\(name)' and was used from another one")
    }

    /// Known to the thread itself from its first instruction, before `init` has stored it.
    private var ownIdentity: UInt { thread.load(ordering: .relaxed) }

    /// Different at every call. Only on the thread.
    func nextNumber() -> Int {
        lastNumber += 1
        return lastNumber
    }

    private func main() {
        thread.store(UInt(pthread_self()), ordering: .releasing)
        unsafe roost_name_thread(name)
        loop()
        allowList?.close()
        let open = sockets.map { $0.name }.joined(separator: ", ")
        precondition(sockets.isEmpty, "thread '\(name)' ended with open sockets, close them first: \(open)")
        if let contextHandle = unsafe contextHandle { unsafe zmq_ctx_term(contextHandle) }
        inbox.withLock { $0.hasEnded = true }
    }

    /// The thread's own libzmq context, made for its first socket and ended with the thread.
    func context() throws(ZeroMQError) -> UnsafeMutableRawPointer {
        if let contextHandle = unsafe contextHandle { return unsafe contextHandle }
        guard let made = unsafe zmq_ctx_new() else {
            throw ZeroMQError(call: "zmq_ctx_new", "ZeroMQ could not be started")
        }
        unsafe zmq_ctx_set(made, ZMQ_MAX_SOCKETS, 4096)
        unsafe contextHandle = made
        return unsafe made
    }

    /// Signals are for the main thread: one that inherits this mask never gets them.
    private static func withSignalsBlocked(_ body: () -> Int32) -> Int32 {
        var all = sigset_t()
        var before = sigset_t()
        unsafe sigfillset(&all)
        unsafe pthread_sigmask(SIG_SETMASK, &all, &before)
        defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
        return body()
    }
}
