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
    private var socket: Socket?
    /// Pages served and requests dropped, for the status of the process.
    package private(set) var served: UInt64 = 0
    package private(set) var refused: UInt64 = 0

    package init(thread: SocketThread, log: any EventLog, security: SocketSecurity = .none) throws {
        self.thread = thread
        self.security = security
        logID = log.identity.id
        readers = Dictionary(
            uniqueKeysWithValues: try log.identity.placement.partitions.map { ($0, try log.reader($0)) })
    }

    /// Listens; returns the endpoint with its wildcards resolved.
    package func start(at endpoint: String) async throws(ZeroMQError) -> String {
        try await thread.run { () throws(ZeroMQError) in
            var options = SocketOptions()
            options.messageBytesMax = 4096
            options.security = self.security
            let socket = try Socket(.router, on: self.thread, options: options)
            self.socket = socket
            try socket.onRefused { self.refused += 1 }
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
            guard frames.count == 2, let request = ReplayFrames.request(frames[1]), request.logID == logID else {
                refused += 1
                return
            }
            _ = try socket.send([Bytes(frames[0], offset: 0, count: frames[0].count)] + answer(request))
            served += 1
        } catch {
            refused += 1
        }
    }

    private func answer(_ request: ReplayFrames.Request) -> [Bytes] {
        do {
            guard let reader = readers[request.partition] else {
                throw EventLogError(.missing, "the log has no partition \(request.partition)")
            }
            let page = try reader.events(after: request.after, limit: Int(min(request.limit, 10_000)))
            return [
                ReplayFrames.answerHead(request.number, isFailure: false),
                Bytes(page.bytes, offset: 0, count: page.bytes.count),
            ]
        } catch {
            return [ReplayFrames.answerHead(request.number, isFailure: true), Bytes("\(error)")]
        }
    }
}
