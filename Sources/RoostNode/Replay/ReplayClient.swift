package import RoostCore
package import RoostLog
package import RoostZeroMQ

/// Gets pages of the log from a replay node. A page that does not come in time is asked for again.
package final class ReplayClient: PageSource, @unchecked Sendable {
    // @unchecked: its mutable state is confined to its thread.
    private let thread: SocketThread
    private let logID: LogID
    private let endpoint: String
    private let patience: Duration
    private let security: SocketSecurity
    private var socket: Socket?
    private var waiting: [UInt64: CheckedContinuation<EventStretch?, any Error>] = [:]
    private var number: UInt64 = 0
    /// The replay node did not accept this process's key.
    private var isTurnedAway = false

    package init(
        thread: SocketThread, logID: LogID, endpoint: String, patience: Duration = .seconds(5),
        security: SocketSecurity = .none
    ) {
        self.thread = thread
        self.logID = logID
        self.endpoint = endpoint
        self.patience = patience
        self.security = security
    }

    package func start() async throws(ZeroMQError) {
        try await thread.run { () throws(ZeroMQError) in
            var options = SocketOptions()
            options.messageBytesMax = 256 << 20
            options.isImmediate = false
            options.security = self.security
            let socket = try Socket(.dealer, on: self.thread, options: options)
            self.socket = socket
            try socket.onRefused { self.isTurnedAway = true }
            try socket.connect(self.endpoint)
            socket.onReadable { self.receive(socket) }
        }
    }

    package func stop() async { await thread.run { self.socket?.close() } }

    /// Asks up to ten times: a replay node that was killed comes back.
    package func events(
        of partition: PartitionID, types: Set<String>?, after position: Position, through end: Position, limit: Int
    ) async throws -> EventStretch {
        let request = ReplayFrames.Request(
            partition: partition, number: 0, types: types, after: position, through: end, limit: UInt32(limit),
            logID: logID)
        for _ in 0..<10 {
            try Task.checkCancellation()
            if let stretch = try await ask(request) { return stretch }
        }
        let isTurnedAway = await thread.run { self.isTurnedAway }
        throw ReaderFailure(
            isTurnedAway
                ? "the replay node at \(endpoint) does not accept this key: add it to keys/allowed, then restart replay"
                : "the replay node at \(endpoint) does not answer; look at: roost ps")
    }

    private func ask(_ request: ReplayFrames.Request) async throws -> EventStretch? {
        try await withCheckedThrowingContinuation { continuation in
            thread.perform {
                self.number += 1
                let number = self.number
                self.waiting[number] = continuation
                var request = request
                request.number = number
                do {
                    _ = try self.socket?.send(ReplayFrames.encode(request))
                } catch {
                    self.end(number, .failure(error))
                }
                _ = self.thread.schedule(after: self.patience) { self.end(number, .success(nil)) }
            }
        }
    }

    private func receive(_ socket: Socket) {
        do {
            guard let frames = try socket.receive() else { return }
            isTurnedAway = false
            guard frames.count == 2,
                let head = ReplayFrames.answerHead(frames[0])
            else { return }
            if head.isFailure {
                let reason = Bytes(frames[1], offset: 0, count: frames[1].count).text
                end(head.number, .failure(ReaderFailure(reason)))
            } else {
                end(
                    head.number,
                    Result { EventStretch(events: try EventPage(parsing: frames[1]), through: head.through) })
            }
        } catch {
            for number in waiting.keys { end(number, .failure(error)) }
        }
    }

    private func end(_ number: UInt64, _ result: Result<EventStretch?, any Error>) {
        waiting.removeValue(forKey: number)?.resume(with: result)
    }
}
