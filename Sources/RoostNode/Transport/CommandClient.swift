package import RoostCore
package import RoostZeroMQ

/// Sends commands to the owners of their partitions, many in flight at a time, and follows `moved`.
///
/// Every command is answered, at the latest shortly after its deadline: `unknown` when it was sent, `unavailable`
/// when it certainly was not. A command is sent a second time only after `moved`, which says it was not executed.
package final class CommandClient: CommandSender, @unchecked Sendable {
    // @unchecked: what changes is touched on the thread alone.

    package struct Options: Sendable {
        /// Commands of all callers that may wait; more are answered `overloaded`.
        package var waitingMax = 100_000
        package var security = SocketSecurity.none
        package init() {}
    }

    static let tick = Duration.milliseconds(20)
    /// Every how many ticks the routes of waiting commands are looked at again.
    static let ticksPerReview: UInt64 = 10

    let thread: SocketThread
    let logID: LogID
    private let clock: any NodeClock
    private let options: Options
    let counted = SharedCounters()
    var routes: CommandRoutes
    var links: [String: CommandLink] = [:]
    var pending: [UInt64: PendingCommand] = [:]
    /// Commands whose partition nobody owns, or whose owner just sent them away.
    var unrouted: [PendingCommand] = []
    /// Numbers of commands by the tick that ends them.
    var deadlines: [UInt64: [UInt64]] = [:]
    var lastTick: UInt64 = 0
    var isTicking = false
    private var isStopped = false
    private var lastNumber: UInt64 = 0
    private var unflushed: [CommandLink] = []

    /// `routes` gives the newest claim of a partition; it is called on the thread, at most ten times a second per
    /// partition while its owner is known.
    package init(
        thread: SocketThread, logID: LogID, clock: any NodeClock, options: Options = Options(),
        routes: @escaping @Sendable (PartitionID) -> CommandAnswer.Route?
    ) {
        self.thread = thread
        self.logID = logID
        self.clock = clock
        self.options = options
        self.routes = CommandRoutes(lookUp: routes)
    }

    package var counters: TransportCounters { counted.snapshot }

    package func send(_ requests: [CommandRequest]) async -> [CommandAnswer] {
        guard !requests.isEmpty else { return [] }
        return await withCheckedContinuation { continuation in
            if thread.isCurrent {
                begin(requests, continuation)
            } else {
                thread.perform { self.begin(requests, continuation) }
            }
        }
    }

    /// Answers everything that is open and closes all sockets.
    package func stop() async {
        await thread.run {
            self.isStopped = true
            for pending in Array(self.pending.values) {
                self.giveUp(pending, code: "stopped", reason: "the sender stopped before an answer came")
            }
            for link in self.links.values { link.socket.close() }
            self.links.removeAll()
        }
    }

    private func begin(_ requests: [CommandRequest], _ continuation: CheckedContinuation<[CommandAnswer], Never>) {
        let call = CommandCall(count: requests.count, continuation: continuation)
        let now = SocketThread.monotonicNanoseconds()
        let wall = clock.now
        for (index, request) in requests.enumerated() {
            if let refusal = refusal(of: request, at: wall) {
                call.settle(index, refusal)
                continue
            }
            lastNumber += 1
            let left = min(request.deadline.nanoseconds - wall.nanoseconds, 86_400_000_000_000)
            let command = PendingCommand(
                request, number: lastNumber, index: index, call: call, deadline: now &+ UInt64(left))
            pending[lastNumber] = command
            deadlines[Self.tickNumber(command.deadline) + 1, default: []].append(lastNumber)
            route(command, now)
        }
        startTicking(now)
    }

    /// What is answered without being sent.
    private func refusal(of request: CommandRequest, at wall: Timestamp) -> CommandAnswer? {
        if let problem = CommandFrames.problem(with: request) {
            return request.rejected("malformedCommand", problem, next: "correct the command; it was not sent")
        }
        if isStopped || request.deadline <= wall {
            return request.answer(
                .unavailable, code: isStopped ? "stopped" : "deadline",
                reason: isStopped ? "the sender is stopping" : "the deadline had passed before the command was sent",
                next: "send it again with the same command ID")
        }
        guard pending.count >= options.waitingMax else { return nil }
        return request.answer(
            .overloaded, code: "overloaded", reason: "\(options.waitingMax) commands wait in this process already",
            next: "send it again a little later with the same command ID")
    }

    /// Hands a command that was not sent, or not executed, to the link of its owner.
    func route(_ command: PendingCommand, _ now: UInt64) {
        command.routedAt = now
        command.wasSent = false
        command.link = nil
        guard let route = routes.route(to: command.request.partition, now: now), let link = link(to: route.endpoint)
        else { return unrouted.append(command) }
        command.request.epoch = route.epoch
        command.link = link
        link.append(command)
        flushLater(link)
    }

    private func link(to endpoint: String) -> CommandLink? {
        if let link = links[endpoint] { return link }
        do throws(ZeroMQError) {
            var options = SocketOptions()
            options.sendHighWater = 10_000
            options.receiveHighWater = 10_000
            options.security = self.options.security
            let socket = try Socket(.dealer, on: thread, options: options)
            let link = CommandLink(endpoint: endpoint, socket: socket)
            links[endpoint] = link
            try socket.onRefused { [weak link] in
                link?.isTurnedAway = true
                self.counted.count { $0.refuse("unauthenticated") }
            }
            try socket.connect(endpoint)
            socket.onReadable { self.receive(from: link) }
            return link
        } catch {
            counted.count { $0.refuse("connect: \(error.call)") }
            links.removeValue(forKey: endpoint)?.socket.close()
            return nil
        }
    }

    /// All commands of a turn leave together.
    func flushLater(_ link: CommandLink) {
        if unflushed.isEmpty { thread.atEndOfTurn { self.flushAll() } }
        if !unflushed.contains(where: { $0 === link }) { unflushed.append(link) }
    }

    private func flushAll() {
        let all = unflushed
        unflushed = []
        for link in all where links[link.endpoint] === link {
            do throws(ZeroMQError) {
                let sent = try link.flush(logID: logID) { self.flushLater(link) }
                counted.count { $0.sent += UInt64(sent) }
            } catch {
                counted.count { $0.refuse("send: \(error.call)") }
            }
        }
    }
}
