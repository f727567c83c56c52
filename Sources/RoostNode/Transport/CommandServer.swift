package import RoostCore
package import RoostZeroMQ

/// Takes commands in on a ROUTER socket and sends the answers of each turn of the thread in one message per peer.
///
/// A peer has a credit of commands in flight; what goes beyond it is answered `overloaded`. Expired commands are
/// dropped, bad messages are counted, and neither they nor a vanished peer harm anybody else.
package final class CommandServer: @unchecked Sendable {
    // @unchecked: what changes is touched on the thread alone.

    package struct Options: Sendable {
        /// Commands of one peer that may wait for their answers.
        package var credit: UInt32 = 4096
        /// Peers that are remembered; beyond it the idle ones are forgotten.
        package var peersMax = 1024
        package var security = SocketSecurity.none
        package init() {}
    }

    /// Messages taken before the thread turns to other work.
    private static let messagesPerTurn = 32

    private let thread: SocketThread
    private let logID: LogID
    private let clock: any NodeClock
    private let options: Options
    private let intake: @Sendable ([CommandDelivery]) -> Void
    private let counted = SharedCounters()
    private var socket: Socket?
    private var isDraining = false
    private var peers: [PeerIdentity: CommandPeer] = [:]

    /// `intake` gets the commands of one message in one call, on the thread, and must not block.
    package init(
        thread: SocketThread, logID: LogID, clock: any NodeClock, options: Options = Options(),
        intake: @escaping @Sendable ([CommandDelivery]) -> Void
    ) {
        self.thread = thread
        self.logID = logID
        self.clock = clock
        self.options = options
        self.intake = intake
    }

    package var counters: TransportCounters { counted.snapshot }

    /// Listens; returns the endpoint with its wildcards resolved.
    package func start(at endpoint: String) async throws(ZeroMQError) -> String {
        try await thread.run { () throws(ZeroMQError) in
            var options = SocketOptions()
            options.lingerMilliseconds = 500
            options.sendHighWater = 10_000
            options.security = self.options.security
            let socket = try Socket(.router, on: self.thread, options: options)
            self.socket = socket
            socket.onReadable { self.receive(socket) }
            try socket.onRefused { self.counted.count { $0.refuse("unauthenticated") } }
            return try socket.bind(endpoint)
        }
    }

    /// From now on commands are answered `unavailable` and not handed on; answers still leave.
    package func drain() async { await thread.run { self.isDraining = true } }

    /// Sends the answers that are there and closes. Later answers are dropped and counted.
    package func stop() async {
        await thread.run {
            for peer in self.peers.values { peer.flush() }
            self.peers.removeAll()
            self.socket?.close()
            self.socket = nil
        }
    }

    private func receive(_ socket: Socket) {
        do throws(ZeroMQError) {
            for _ in 0..<Self.messagesPerTurn {
                guard let frames = try socket.receive() else { return }
                take(frames)
            }
        } catch {
            counted.count { $0.refuse("receive: \(error.call)") }
        }
    }

    private func take(_ frames: [SharedBytes]) {
        counted.count { $0.received += 1 }
        do throws(CommandRefusal) {
            guard let identity = frames.first, frames.count == 3 else { throw .malformed }
            guard case .commands(let requests, let invalid) = try CommandFrames.decode(frames[1...], logID: logID)
            else { throw .malformed }
            let peer = peer(identity)
            if !invalid.isEmpty {
                counted.count { $0.refuse("malformedCommand", invalid.count) }
                peer.deliver(invalid)
            }
            admit(requests, from: peer)
        } catch {
            counted.count { $0.refuse("\(error)") }
            guard error == .unknownVersion || error == .foreignLog, let identity = frames.first else { return }
            send(CommandFrames.encode(refusal: error, logID: logID), to: identity)
        }
    }

    private func admit(_ requests: [CommandRequest], from peer: CommandPeer) {
        let now = clock.now
        var deliveries: [CommandDelivery] = []
        deliveries.reserveCapacity(requests.count)
        var refusals: [CommandAnswer] = []
        var expired = 0
        for request in requests {
            if request.deadline < now {
                expired += 1
            } else if isDraining {
                refusals.append(Self.stopping(request))
            } else if peer.admit(request, credit: Int(options.credit), now: now) {
                deliveries.append(CommandDelivery(request: request, port: peer))
            } else {
                refusals.append(Self.overloaded(request, credit: options.credit))
            }
        }
        counted.count { counters in
            counters.records += UInt64(deliveries.count)
            if expired > 0 { counters.refuse("expired", expired) }
            if !refusals.isEmpty { counters.refuse(isDraining ? "stopping" : "overCredit", refusals.count) }
        }
        if !refusals.isEmpty { peer.deliver(refusals) }
        if !deliveries.isEmpty { intake(deliveries) }
    }

    /// The peer of an identity; a new one is told its credit.
    private func peer(_ bytes: SharedBytes) -> CommandPeer {
        let identity = PeerIdentity(bytes: bytes)
        if let peer = peers[identity] { return peer }
        if peers.count >= options.peersMax { peers = peers.filter { !$0.value.isIdle } }
        let peer = CommandPeer(thread: thread) { [weak self] answers in self?.send(answers, to: bytes) }
        peers[identity] = peer
        send(CommandFrames.encode(credit: options.credit, logID: logID), to: bytes)
        return peer
    }

    private func send(_ answers: [CommandAnswer], to identity: SharedBytes) {
        for message in CommandFrames.encode(answers, logID: logID) { send(message, to: identity) }
    }

    /// A peer that is gone, or does not read, loses its answers: it will ask again with the same command IDs.
    private func send(_ message: [Bytes], to identity: SharedBytes) {
        var wasSent = false
        do throws(ZeroMQError) {
            wasSent = try socket?.send([identity.whole] + message) ?? false
        } catch {
            counted.count { $0.refuse("send: \(error.call)") }
        }
        if wasSent { return counted.count { $0.sent += 1 } }
        counted.count { $0.dropped += 1 }
        let key = PeerIdentity(bytes: identity)
        if peers[key]?.isIdle == true { peers[key] = nil }
    }

    private static func overloaded(_ request: CommandRequest, credit: UInt32) -> CommandAnswer {
        request.answer(
            .overloaded, code: "overCredit", reason: "the sender has more than \(credit) commands in flight",
            next: "wait for answers, then send it again with the same command ID")
    }

    private static func stopping(_ request: CommandRequest) -> CommandAnswer {
        request.answer(
            .unavailable, code: "stopping", reason: "the process is stopping",
            next: "send it again a little later with the same command ID")
    }
}

/// What a ROUTER calls its peer.
private struct PeerIdentity: Hashable {
    let bytes: SharedBytes

    static func == (left: Self, right: Self) -> Bool {
        left.bytes.withUnsafeBytes { left in right.bytes.withUnsafeBytes { left.elementsEqual($0) } }
    }

    func hash(into hasher: inout Hasher) { bytes.withUnsafeBytes { hasher.combine(bytes: $0) } }
}
