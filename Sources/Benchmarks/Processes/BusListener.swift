import Foundation
import RoostCore
import RoostNode
import RoostZeroMQ

/// One subscriber process: hears every event, checks that no position is missing, and says its rate.
enum BusListener {
    static func run(endpoint: String, events: Int) async throws {
        let thread = SocketThread(name: "subscriber")
        let listener = Listener(events: events)
        var options = BusSubscriber.Options()
        options.receiveHighWater = 0
        let subscriber = BusSubscriber(thread: thread, logID: Site.logID, options: options) { listener.hear($0) }
        try await subscriber.start(endpoints: [endpoint], topics: [""])
        Child.waitForEnd()
        await subscriber.stop()
        thread.shutdown()
    }

    private final class Listener: @unchecked Sendable {
        // @unchecked: called on the subscriber's thread alone.
        private let events: Int
        private var next = Position.start.next
        private var start = 0.0
        private var isReady = false

        init(events: Int) { self.events = events }

        func hear(_ message: BusMessage) {
            if message.kind == .heartbeat, !isReady {
                isReady = true
                Child.say("ready")
            }
            if start == 0, message.kind == .events { start = Monotonic.seconds }
            for event in message.events {
                guard event.position == next else { return Child.say("position \(event.position), expected \(next)") }
                next = next.next
            }
            if next.rawValue == UInt64(events) + 1, message.kind == .events {
                Child.say(Double(events) / (Monotonic.seconds - start))
            }
        }
    }
}
