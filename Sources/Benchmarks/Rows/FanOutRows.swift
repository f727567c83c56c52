import CLimits
import Foundation
import RoostCore
import RoostNode
import RoostZeroMQ

/// From one publisher to three subscriber processes: the rate of the slowest.
enum FanOutRows {
    private static let subscribers = 3
    private static let events = 384 * 1024
    private static let eventBytes = 384
    private static let eventsPerCommit = 512

    static func measure() async throws -> [Row] {
        var (values, limits): ([Double], [Double]) = ([], [])
        for _ in 0..<Suite.rounds {
            limits.append(try await raw())
            values.append(try await bus())
        }
        return [
            Row(
                "fan-out to \(subscribers) subscriber processes", unit: "events/s", values, limit: limits,
                of: "raw libzmq, one message per event", target: 1.5)
        ]
    }

    /// The role of a subscriber of `raw`.
    static func receiveRaw(_ arguments: [String]) {
        Child.say(roost_limit_subscribe(arguments[0], Int64(arguments[1]) ?? 0))
    }

    /// One message per event with libzmq alone.
    private static func raw() async throws -> Double {
        try await Scratch.with { directory in
            let endpoint = "ipc://\(directory)/raw"
            let children = try (0..<subscribers).map { _ in try Child(.rawSubscriber, [endpoint, "\(events)"]) }
            guard roost_limit_publish(endpoint, Int32(subscribers), Int64(events), Int32(eventBytes)) > 0 else {
                throw BenchmarkError("raw libzmq could not publish")
            }
            return try slowest(children)
        }
    }

    /// One message per commit through the bus.
    private static func bus() async throws -> Double {
        try await Scratch.with { directory in
            let thread = SocketThread(name: "publisher")
            var options = ZeroMQBusOutlet.Options()
            options.sendHighWater = 0
            let outlet = ZeroMQBusOutlet(thread: thread, options: options)
            let endpoint = try await outlet.start(at: "ipc://\(directory)/bus")
            let children = try (0..<subscribers).map { _ in try Child(.busSubscriber, [endpoint, "\(events)"]) }
            let beats = Task(executorPreference: thread) {
                while true {
                    outlet.publish(message(.heartbeat, .empty))
                    try await thread.sleep(for: .milliseconds(5))
                }
            }
            for child in children where try child.line() != "ready" {
                throw BenchmarkError("a subscriber is not ready")
            }
            beats.cancel()
            for commit in 0..<events / eventsPerCommit { outlet.publish(message(.events, try page(commit))) }
            let rate = try slowest(children)
            await outlet.stop()
            thread.shutdown()
            return rate
        }
    }

    private static func slowest(_ children: [Child]) throws -> Double {
        let rates = try children.map { try $0.number() }
        for child in children { try child.end() }
        guard let slowest = rates.min(), slowest > 0 else { throw BenchmarkError("a subscriber lost messages") }
        return slowest
    }

    private static func message(_ kind: BusMessage.Kind, _ events: EventPage) -> BusMessage {
        BusMessage(
            kind: kind, topic: BusMessage.topic(group: "parcels", partition: PartitionID(0)), logID: Site.logID,
            partition: PartitionID(0), epoch: Epoch(1), first: events.first?.position ?? .start,
            newest: events.last?.position ?? .start, events: events)
    }

    /// The events of one commit, as the log hands them on: made for every message, as a writer makes them.
    private static func page(_ commit: Int) throws -> EventPage {
        var writer = EventWriter(capacity: eventsPerCommit * eventBytes)
        let context = CommandContext(
            stream: StreamName(unchecked: "parcel/4711"), commandID: CommandID(unchecked: "command-1"), fingerprint: 1,
            correlationID: CorrelationID(bits: 2))
        let names = context.stream.description.utf8.count + ParcelMoved.type.utf8.count + 9
        let payload = Bytes(Array(repeating: UInt8(ascii: "A"), count: eventBytes - EventLayout.headBytes - names))
        let event = NewEvent(
            eventID: EventID(bits: 3), type: ParcelMoved.type, payload: payload, occurred: Timestamp(seconds: 1))
        for index in 1...eventsPerCommit {
            let offset = writer.append(context, event)
            let number = UInt64(commit * eventsPerCommit + index)
            writer.place(
                at: offset, position: Position(number), version: StreamVersion(number), recorded: event.occurred,
                epoch: Epoch(1))
        }
        return try EventPage(parsing: writer.finish())
    }
}
