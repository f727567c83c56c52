import RoostCore
import RoostJSON
package import RoostZeroMQ

/// Reports what a recorder has taken down, now and then, to the process that collects spans. Never holds anything up:
/// while nobody takes reports, the recorder keeps what it can.
package final class SpanSender: @unchecked Sendable {
    // @unchecked: what changes is touched on the thread alone.
    private static let interval = Duration.milliseconds(50)
    /// While nobody takes reports.
    private static let patience = Duration.seconds(1)
    /// Others wait for the thread.
    private static let reportsPerTurn = 2

    private let thread: SocketThread
    private let recorder: SpanRecorder
    private let encoder = JSONPayloadEncoder()
    private var socket: Socket?

    package init(thread: SocketThread, recorder: SpanRecorder) {
        self.thread = thread
        self.recorder = recorder
    }

    /// Connects, also to where nobody listens yet, and reports until `stop`.
    package func start(to endpoint: String, security: SocketSecurity = .none) async throws(ZeroMQError) {
        try await thread.run { () throws(ZeroMQError) in
            var options = SocketOptions()
            options.sendHighWater = 64
            options.lingerMilliseconds = 200
            options.security = security
            let socket = try Socket(.push, on: self.thread, options: options)
            self.socket = socket
            try socket.connect(endpoint)
            self.tick()
        }
    }

    /// Reports what is left and closes.
    package func stop() async {
        await thread.run {
            self.send()
            self.socket?.close()
            self.socket = nil
        }
    }

    private func tick() {
        guard socket != nil else { return }
        let isTaken = send()
        thread.schedule(after: isTaken ? Self.interval : Self.patience) { self.tick() }
    }

    /// False when nobody takes what there is: it waits, and is dropped and counted once it waits too long.
    @discardableResult
    private func send() -> Bool {
        for _ in 0..<Self.reportsPerTurn {
            guard let report = recorder.report() else { return true }
            do {
                if try socket?.send([Bytes(encoder.bytes(report))]) ?? false { continue }
            } catch {
                // A socket that fails takes as little as one that is full.
            }
            recorder.takeBack(report)
            return false
        }
        return true
    }
}
