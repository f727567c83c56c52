package import RoostCore
import RoostJSON
package import RoostZeroMQ

/// Takes the reports of all processes on one PULL socket. What is malformed, foreign or too much is counted and changes
/// nothing.
package final class SpanCollector: @unchecked Sendable {
    // @unchecked: what changes is touched on the thread alone.
    private static let messagesPerTurn = 16

    private let thread: SocketThread
    private let logID: LogID
    private let security: SocketSecurity
    private let counted = SharedCounters()
    private let decoder = JSONPayloadDecoder()
    /// Reports that wait for the disk.
    package let inbox = Mailbox<SpanReport>(capacity: 1024)
    private var socket: Socket?

    package init(thread: SocketThread, logID: LogID, security: SocketSecurity = .none) {
        self.thread = thread
        self.logID = logID
        self.security = security
    }

    package var counters: TransportCounters { counted.snapshot }

    /// Listens; returns the endpoint with its wildcards resolved.
    package func start(at endpoint: String) async throws(ZeroMQError) -> String {
        try await thread.run { () throws(ZeroMQError) in
            var options = SocketOptions()
            options.messageBytesMax = Int64(SpanReport.bytesMax)
            options.security = self.security
            let socket = try Socket(.pull, on: self.thread, options: options)
            self.socket = socket
            try socket.onRefused { self.counted.count { $0.refuse("unauthenticated") } }
            let bound = try socket.bind(endpoint)
            socket.onReadable { self.receive(socket) }
            return bound
        }
    }

    package func stop() async {
        await thread.run {
            self.socket?.close()
            self.socket = nil
        }
        inbox.close()
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
        guard frames.count == 1, let report = report(frames[0]) else {
            return counted.count { $0.refuse("malformed") }
        }
        guard report.logID == logID else { return counted.count { $0.refuse("foreignLog") } }
        guard inbox.offer(report) else { return counted.count { $0.dropped += 1 } }
        counted.count {
            $0.received += 1
            $0.records += UInt64(report.spans.count + report.rejected.count)
        }
    }

    private func report(_ frame: SharedBytes) -> SpanReport? {
        do {
            let report = try frame.withUnsafeBytes { try decoder.decode(SpanReport.self, from: $0) }
            return report.schema == SpanReport.schema ? report : nil
        } catch {
            return nil
        }
    }
}
