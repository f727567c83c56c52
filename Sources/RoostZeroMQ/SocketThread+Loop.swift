internal import CZeroMQ
internal import DequeModule
internal import Glibc
internal import Synchronization

extension SocketThread {
    private enum Wait {
        case milliseconds(Int)
        case stop
    }

    /// Jobs, what they left for the end of the turn, then sockets; until shutdown.
    func loop() {
        let serial = unsafe asUnownedSerialExecutor()
        let task = unsafe asUnownedTaskExecutor()
        while true {
            let turnEnd = Self.monotonicNanoseconds() + Self.turnNanoseconds
            takeTimers()
            while let work = takeWork() {
                switch work {
                case .job(let job): unsafe job.runSynchronously(isolatedTo: serial, taskExecutor: task)
                case .closure(let body): body()
                }
                if Self.monotonicNanoseconds() >= turnEnd { break }
            }
            finishTurn()
            switch nextWait() {
            case .milliseconds(let timeout): pollSockets(timeout)
            case .stop: return
            }
        }
    }

    private func takeTimers() {
        inbox.withLock { inbox in
            guard !inbox.timers.isEmpty else { return }
            let now = Self.monotonicNanoseconds()
            while let body = inbox.timers.popDue(at: now) { inbox.work.append(.closure(body)) }
        }
    }

    private func takeWork() -> Work? {
        inbox.withLock { $0.work.popFirst() }
    }

    private func finishTurn() {
        guard !endOfTurn.isEmpty else { return }
        let bodies = endOfTurn
        endOfTurn.removeAll(keepingCapacity: true)
        for body in bodies { body() }
    }

    /// Decides under the lock, so that work added from now on signals.
    private func nextWait() -> Wait {
        inbox.withLock { inbox in
            guard inbox.work.isEmpty, endOfTurn.isEmpty else { return .milliseconds(0) }
            if inbox.isStopping { return .stop }
            inbox.isAsleep = true
            guard let due = inbox.timers.nextDue else { return .milliseconds(-1) }
            let now = Self.monotonicNanoseconds()
            return .milliseconds(due <= now ? 0 : Int((due - now + 999_999) / 1_000_000))
        }
    }

    private func pollSockets(_ timeout: Int) {
        if pollSetIsStale {
            pollSet = PollSet(wakeUp: wakeUp.descriptor, sockets: sockets)
            pollSetIsStale = false
        }
        if timeout == 0, pollSet.sockets.isEmpty { return }
        let isReady = pollSet.wait(milliseconds: timeout)
        inbox.withLock { $0.isAsleep = false }
        guard isReady else { return }
        if pollSet.isAwoken { wakeUp.clear() }
        let polled = pollSet
        for index in polled.sockets.indices { polled.sockets[index].handle(polled.events(of: index)) }
    }

    /// Never goes back, also when the wall clock does.
    package static func monotonicNanoseconds() -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }
}

/// What the thread waits for: its wake-up and every socket with a handler.
@safe struct PollSet {
    private var items: [zmq_pollitem_t] = unsafe []
    private(set) var sockets: [Socket] = []

    init() {}

    init(wakeUp: Int32, sockets all: [Socket]) {
        sockets = all.filter { $0.interest != 0 }
        unsafe items = [zmq_pollitem_t(socket: nil, fd: wakeUp, events: Int16(ZMQ_POLLIN), revents: 0)]
        unsafe items += sockets.map { unsafe zmq_pollitem_t(socket: $0.handle, fd: 0, events: $0.interest, revents: 0) }
    }

    var isAwoken: Bool { unsafe items[0].revents != 0 }

    func events(of index: Int) -> Int16 { unsafe items[index + 1].revents }

    /// False when nothing is ready: the time is over or a signal came.
    mutating func wait(milliseconds: Int) -> Bool {
        unsafe items.withUnsafeMutableBufferPointer { unsafe zmq_poll($0.baseAddress, Int32($0.count), milliseconds) }
            > 0
    }
}
