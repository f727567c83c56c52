import Glibc
import RoostCore
import RoostNode
import RoostZeroMQ
import Testing

@Suite(.timeLimit(.minutes(1)))
struct BusTransportTests {
    private func subscriber(
        _ thread: SocketThread, _ heard: Collected<BusMessage>, _ options: BusSubscriber.Options = .init()
    ) -> BusSubscriber {
        BusSubscriber(thread: thread, logID: Wire.logID, options: options) { heard.add($0) }
    }

    /// Publishes heartbeats until one is heard: then the subscription has arrived.
    private func join(_ outlet: ZeroMQBusOutlet, _ subscriber: BusSubscriber) async {
        await until {
            outlet.publish(Wire.heartbeat(0))
            return subscriber.counters.received > 0
        }
    }

    @Test("Events arrive in order and whole, over ipc and tcp", arguments: ["ipc", "tcp"])
    func arrival(transport: String) async throws {
        let thread = SocketThread(name: "bus")
        let heard = Collected<BusMessage>()
        let outlet = ZeroMQBusOutlet(thread: thread)
        let endpoint = try await outlet.start(at: transport == "tcp" ? "tcp://127.0.0.1:*" : Wire.endpoint())
        let subscriber = subscriber(thread, heard)
        // One endpoint of nobody: it must not hinder the other.
        try await subscriber.start(endpoints: [Wire.endpoint(), endpoint], topics: ["orders."])
        await join(outlet, subscriber)
        let sent = (0..<100).map { Wire.page(UInt64($0) * 10 + 1...UInt64($0) * 10 + 10) }
        for page in sent { outlet.publish(Wire.message(page)) }
        outlet.publish(Wire.heartbeat(1000))
        await until { heard.all.last?.newest == Position(1000) && heard.all.last?.kind == .heartbeat }
        let events = heard.all.flatMap { $0.events.map(\.canonicalBytes.array) }
        #expect(events == sent.flatMap { $0.map(\.canonicalBytes.array) })
        #expect(subscriber.counters.refused == [:] && subscriber.counters.records == 1000)
        await subscriber.stop()
        await outlet.stop()
        thread.shutdown()
    }

    @Test("Bad messages are counted by reason and not delivered")
    func refusals() async throws {
        let thread = SocketThread(name: "bus")
        let heard = Collected<BusMessage>()
        let outlet = ZeroMQBusOutlet(thread: thread)
        let endpoint = try await outlet.start(at: Wire.endpoint())
        let subscriber = subscriber(thread, heard)
        try await subscriber.start(endpoints: [endpoint], topics: [""])
        await join(outlet, subscriber)
        outlet.publish(Wire.message(Wire.page(1...1, epoch: 4), epoch: 4))
        outlet.publish(Wire.message(Wire.page(2...2, epoch: 3), epoch: 3))
        outlet.publish(Wire.message(Wire.page(2...2, epoch: 4), epoch: 4, logID: LogID(bits: 9)))
        outlet.publish(Wire.message(Wire.page(2...2, epoch: 9), epoch: 4))
        outlet.publish(Wire.message(Wire.page(2...2, epoch: 4), epoch: 4))
        await until { heard.all.last?.first == Position(2) }
        #expect(subscriber.counters.refused == ["staleEpoch": 1, "foreignLog": 1, "malformed": 1])
        #expect(heard.all.flatMap { $0.events.map(\.position.rawValue) } == [1, 2])
        await subscriber.stop()
        await outlet.stop()
        thread.shutdown()
    }

    @Test("A bus that drops everything delivers nothing, and counts it")
    func dropsEverything() async throws {
        let thread = SocketThread(name: "bus")
        let heard = Collected<BusMessage>()
        let outlet = ZeroMQBusOutlet(thread: thread)
        let endpoint = try await outlet.start(at: Wire.endpoint())
        let deaf = subscriber(thread, heard, BusSubscriber.Options(environment: ["ROOST_BUS_DROP": "all"]))
        try await deaf.start(endpoints: [endpoint], topics: [""])
        await join(outlet, deaf)
        await until {
            outlet.publish(Wire.message(Wire.page(1...1)))
            return deaf.counters.dropped >= 10
        }
        #expect(heard.all.isEmpty)
        await deaf.stop()
        await outlet.stop()
        thread.shutdown()
    }

    @Test("A slow subscriber loses messages, sees it by position, and never blocks the publisher")
    func slowSubscriber() async throws {
        let publishing = SocketThread(name: "publisher")
        let reading = SocketThread(name: "subscriber")
        let heard = Collected<BusMessage>()
        var options = ZeroMQBusOutlet.Options()
        options.sendHighWater = 2
        let outlet = ZeroMQBusOutlet(thread: publishing, options: options)
        let endpoint = try await outlet.start(at: Wire.endpoint())
        let tiny = BusSubscriber.Options(environment: ["ROOST_BUS_RECEIVE_HIGH_WATER": "1"])
        #expect(tiny.receiveHighWater == 1)
        let subscriber = subscriber(reading, heard, tiny)
        try await subscriber.start(endpoints: [endpoint], topics: [""])
        await join(outlet, subscriber)
        // The reader stands still until everything is published: more than sockets and queues can hold.
        let payload = Bytes([UInt8](repeating: 1, count: 200_000))
        let gate = Collected<Bool>()
        reading.perform { while gate.all.isEmpty { usleep(1000) } }
        for position in 1...200 {
            outlet.publish(Wire.message(Wire.page(UInt64(position)...UInt64(position), payload: payload)))
        }
        await until { outlet.counters.records == 200 }
        gate.add(true)
        await until {
            outlet.publish(Wire.heartbeat(201))
            return heard.all.last?.newest == Position(201)
        }
        var next: UInt64 = 1
        var missing: UInt64 = 0
        for message in heard.all where message.kind == .events {
            missing += message.first.rawValue - next
            next = message.events[message.events.count - 1].position.next.rawValue
        }
        missing += 201 - next
        let arrived = UInt64(heard.all.reduce(0) { $0 + $1.events.count })
        #expect(missing > 0 && arrived + missing == 200)
        await subscriber.stop()
        await outlet.stop()
        publishing.shutdown()
        reading.shutdown()
    }
}
