package import RoostCore
package import RoostZeroMQ

/// Hears the publishers of all partitions on one SUB socket. Bad messages are counted and change nothing.
package final class BusSubscriber: @unchecked Sendable {
    // @unchecked: what changes is touched on the thread alone.

    package struct Options: Sendable {
        /// Messages that wait per publisher before new ones are dropped.
        package var receiveHighWater: Int32 = 1000
        /// A fault for tests and drills: hears nothing, as if the bus lost every message.
        package var dropsEverything = false
        package var security = SocketSecurity.none

        package init() {}

        /// The faults that an environment asks for: `ROOST_BUS_DROP=all`, `ROOST_BUS_RECEIVE_HIGH_WATER=1`.
        package init(environment: [String: String]) {
            dropsEverything = environment["ROOST_BUS_DROP"] == "all"
            if let mark = environment["ROOST_BUS_RECEIVE_HIGH_WATER"].flatMap({ Int32($0) }), mark > 0 {
                receiveHighWater = mark
            }
        }
    }

    /// Messages taken before the thread turns to other work.
    private static let messagesPerTurn = 64

    private let thread: SocketThread
    private let logID: LogID
    private let options: Options
    private let deliver: @Sendable (BusMessage) -> Void
    private let counted = SharedCounters()
    private var socket: Socket?
    private var epochs: [PartitionID: Epoch] = [:]

    /// `deliver` is called on the thread and must not block.
    package init(
        thread: SocketThread, logID: LogID, options: Options = Options(),
        deliver: @escaping @Sendable (BusMessage) -> Void
    ) {
        self.thread = thread
        self.logID = logID
        self.options = options
        self.deliver = deliver
    }

    package var counters: TransportCounters { counted.snapshot }

    /// Connects to every endpoint, also to those where nobody listens yet, and wants the topics that start with one
    /// of `topics` (the empty one means all).
    package func start(endpoints: [String], topics: [String]) async throws(ZeroMQError) {
        try await thread.run { () throws(ZeroMQError) in
            var options = SocketOptions()
            options.receiveHighWater = self.options.receiveHighWater
            options.messageBytesMax = Int64(BusLayout.bodyBytesMax)
            options.security = self.options.security
            let socket = try Socket(.sub, on: self.thread, options: options)
            self.socket = socket
            try socket.onRefused { self.counted.count { $0.refuse("unauthenticated") } }
            for topic in topics { try socket.subscribe(topic) }
            for endpoint in endpoints { try socket.connect(endpoint) }
            socket.onReadable { self.receive(socket) }
        }
    }

    /// Listens to one more publisher.
    package func connect(_ endpoint: String) async throws(ZeroMQError) {
        try await thread.run { () throws(ZeroMQError) in try self.socket?.connect(endpoint) }
    }

    package func stop() async {
        await thread.run {
            self.socket?.close()
            self.socket = nil
        }
    }

    private func receive(_ socket: Socket) {
        do throws(ZeroMQError) {
            for _ in 0..<Self.messagesPerTurn {
                guard let frames = try socket.receive() else { return }
                hear(frames)
            }
        } catch {
            counted.count { $0.refuse("receive: \(error.call)") }
        }
    }

    private func hear(_ frames: [SharedBytes]) {
        counted.count { $0.received += 1 }
        if options.dropsEverything { return counted.count { $0.dropped += 1 } }
        do throws(BusRefusal) {
            let message = try BusFrames.decode(frames, logID: logID)
            try checkEpoch(message)
            counted.count { $0.records += UInt64(message.events.count) }
            deliver(message)
        } catch {
            counted.count { $0.refuse(error.rawValue) }
        }
    }

    /// A process that lost its partition may go on publishing: it is not heard any more.
    private func checkEpoch(_ message: BusMessage) throws(BusRefusal) {
        let newest = epochs[message.partition, default: .none]
        guard message.epoch >= newest else { throw .staleEpoch }
        if message.epoch > newest { epochs[message.partition] = message.epoch }
    }
}
