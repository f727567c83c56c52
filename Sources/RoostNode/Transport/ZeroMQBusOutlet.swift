package import RoostCore
package import RoostZeroMQ

/// Publishes on a PUB socket. It drops, silently, for a subscriber whose queue is full: a slow one never blocks a
/// writer, and finds the hole by its positions.
package final class ZeroMQBusOutlet: BusOutlet, @unchecked Sendable {
    // @unchecked: `socket` is touched on the thread alone.

    package struct Options: Sendable {
        /// Messages that wait per subscriber; a message has at most 256 KiB, or one event.
        package var sendHighWater: Int32 = 1000
        package var security = SocketSecurity.none
        package init() {}
    }

    private let thread: SocketThread
    private let options: Options
    private let counted = SharedCounters()
    private var socket: Socket?

    package init(thread: SocketThread, options: Options = Options()) {
        self.thread = thread
        self.options = options
    }

    /// What left, in messages and events. What a full queue dropped is not known here.
    package var counters: TransportCounters { counted.snapshot }

    /// Listens; returns the endpoint with its wildcards resolved.
    package func start(at endpoint: String) async throws(ZeroMQError) -> String {
        try await thread.run { () throws(ZeroMQError) in
            var options = SocketOptions()
            options.sendHighWater = self.options.sendHighWater
            options.lingerMilliseconds = 200
            options.security = self.options.security
            let socket = try Socket(.pub, on: self.thread, options: options)
            self.socket = socket
            try socket.onRefused { self.counted.count { $0.refuse("unauthenticated") } }
            return try socket.bind(endpoint)
        }
    }

    /// Closes the socket. What is published afterwards is dropped and counted.
    package func stop() async {
        await thread.run {
            self.socket?.close()
            self.socket = nil
        }
    }

    package func publish(_ message: BusMessage) {
        guard thread.isCurrent else { return thread.perform { self.publish(message) } }
        for frames in BusFrames.encode(message) { send(frames) }
        counted.count { $0.records += UInt64(message.events.count) }
    }

    private func send(_ frames: [Bytes]) {
        var wasSent = false
        do throws(ZeroMQError) {
            wasSent = try socket?.send(frames) ?? false
        } catch {
            counted.count { $0.refuse("send: \(error.call)") }
        }
        counted.count { if wasSent { $0.sent += 1 } else { $0.dropped += 1 } }
    }
}
