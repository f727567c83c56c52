import RoostCore
package import RoostLog
package import RoostZeroMQ

/// Reads the log for others: one page of events per request. Reads only; a malformed request is dropped and counted.
package final class ReplayServer: @unchecked Sendable {
    // @unchecked: confined to its thread after `init`.
    private let thread: SocketThread
    private let logID: LogID
    private let readers: [PartitionID: any PartitionReader]
    private let security: SocketSecurity
    private let counted = SharedCounters()
    private var socket: Socket?

    package init(thread: SocketThread, log: any EventLog, security: SocketSecurity = .none) throws {
        self.thread = thread
        self.security = security
        logID = log.identity.id
        readers = Dictionary(
            uniqueKeysWithValues: try log.identity.placement.partitions.map { ($0, try log.reader($0)) })
    }

    /// Requests and pages, and what was refused.
    package var counters: TransportCounters { counted.snapshot }

    /// Listens; returns the endpoint with its wildcards resolved.
    package func start(at endpoint: String) async throws(ZeroMQError) -> String {
        try await thread.run { () throws(ZeroMQError) in
            var options = SocketOptions()
            options.messageBytesMax = Int64(ReplayFrames.typesBytesMax)
            options.security = self.security
            let socket = try Socket(.router, on: self.thread, options: options)
            self.socket = socket
            try socket.onRefused { self.counted.count { $0.refuse("unauthenticated") } }
            socket.onReadable { self.serve(socket) }
            return try socket.bind(endpoint)
        }
    }

    package func stop() async {
        await thread.run { self.socket?.close() }
    }

    /// One request a turn, so that timers and other sockets keep theirs.
    private func serve(_ socket: Socket) {
        do {
            guard let frames = try socket.receive() else { return }
            counted.count { $0.received += 1 }
            guard frames.count == 3, let request = ReplayFrames.request(frames[1], types: frames[2]),
                request.logID == logID, request.limit > 0
            else {
                return counted.count { $0.refuse("malformed") }
            }
            let wasSent = try socket.send([Bytes(frames[0], offset: 0, count: frames[0].count)] + answer(request))
            counted.count { if wasSent { $0.sent += 1 } else { $0.dropped += 1 } }
        } catch {
            counted.count { $0.refuse("transport") }
        }
    }

    private func answer(_ request: ReplayFrames.Request) -> [Bytes] {
        do {
            guard let reader = readers[request.partition] else {
                throw EventLogError(.missing, "the log has no partition \(request.partition)")
            }
            let found = try reader.stretch(
                request.types, after: request.after, through: request.through,
                limit: Int(min(request.limit, UInt32(ReadLimits.eventsMax))))
            return [
                ReplayFrames.encode(ReplayFrames.AnswerHead(number: request.number, through: found.through)),
                Bytes(found.events.bytes, offset: 0, count: found.events.bytes.count),
            ]
        } catch {
            return [
                ReplayFrames.encode(ReplayFrames.AnswerHead(number: request.number, isFailure: true)),
                Bytes("\(error)"),
            ]
        }
    }
}
