import Glibc
import RoostCore
import RoostNode
import RoostZeroMQ
import Synchronization

/// The parts of transport tests: real threads, real sockets.
enum Wire {
    static let logID = LogID(bits: 0xfeed_0000_0000_0000_0000_0000_0000_0001)
    private static let number = Atomic<Int>(0)

    /// An endpoint that nobody has used yet.
    static func endpoint() -> String {
        let number = number.add(1, ordering: .relaxed).newValue
        let directory = "/tmp/roost-wire-\(getpid())"
        mkdir(directory, 0o700)
        return "ipc://\(directory)/socket-\(number)"
    }

    static func request(
        _ clock: ThreadClock, partition: UInt32 = 0, id: String = "command", seconds: Int64 = 20,
        payload: Bytes = Bytes("{}")
    ) -> CommandRequest {
        CommandRequest(
            number: 7, partition: PartitionID(partition), deadline: clock.now + .seconds(seconds),
            stream: StreamName(unchecked: "order/1"), command: "PlaceOrder", commandID: CommandID(unchecked: id),
            payload: payload)
    }

    static func page(_ positions: ClosedRange<UInt64>, epoch: UInt64 = 1, payload: Bytes = Bytes("{}")) -> EventPage {
        var writer = EventWriter()
        var offsets: [Int] = []
        for position in positions {
            let context = CommandContext(
                stream: StreamName(unchecked: "order/\(position % 3)-ä"),
                commandID: CommandID(unchecked: "id-\(position)"),
                fingerprint: position &* 0x9e37_79b9_7f4a_7c15,
                correlationID: CorrelationID(bits: UInt128(position) << 64 | 3),
                causationID: position % 2 == 0 ? EventID(bits: UInt128(position)) : nil, depth: UInt16(position % 4),
                traceparent: position % 3 == 0 ? "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01" : nil,
                isImported: position % 2 == 1)
            let event = NewEvent(
                eventID: EventID(bits: UInt128(position) << 80), type: "OrderPlaced", schemaVersion: 3,
                payload: payload,
                subject: position % 2 == 0 ? "customer/\(position)" : nil, occurred: Timestamp(seconds: Int64(position))
            )
            offsets.append(writer.append(context, event))
            writer.place(
                at: offsets[offsets.count - 1], position: Position(position), version: StreamVersion(position + 1),
                recorded: Timestamp(nanoseconds: 1_700_000_000_123_456_789), epoch: Epoch(epoch))
        }
        return EventPage(checked: writer.finish(), offsets: offsets)
    }

    static func message(_ events: EventPage, partition: UInt32 = 0, epoch: UInt64 = 1, logID: LogID = logID)
        -> BusMessage
    {
        let last = events.last?.position ?? .start
        return BusMessage(
            kind: .events, topic: BusMessage.topic(group: "orders", partition: PartitionID(partition)), logID: logID,
            partition: PartitionID(partition), epoch: Epoch(epoch), first: events.first?.position ?? .start,
            newest: last,
            events: events)
    }

    static func heartbeat(_ newest: UInt64, epoch: UInt64 = 1) -> BusMessage {
        BusMessage(
            kind: .heartbeat, topic: BusMessage.topic(group: "orders", partition: PartitionID(0)), logID: logID,
            partition: PartitionID(0), epoch: Epoch(epoch), first: Position(newest), newest: Position(newest),
            events: .empty)
    }
}

/// Collects from any thread.
final class Collected<Element: Sendable>: Sendable {
    private let list = Mutex<[Element]>([])
    var all: [Element] { list.withLock { $0 } }
    func add(_ element: Element) { list.withLock { $0.append(element) } }
    func add(contentsOf elements: [Element]) { list.withLock { $0 += elements } }
    func wait(for count: Int) async { await until { self.all.count >= count } }
}

/// Looks again and again, and lets other tests run in between: the pool has few threads.
func until(_ condition: () async throws -> Bool) async rethrows {
    while try await !condition() {
        usleep(500)
        await Task.yield()
    }
}

/// A command server on a thread of its own, with what it took in.
final class TestOwner: Sendable {
    let thread = SocketThread(name: "owner")
    let taken = Collected<CommandDelivery>()
    let server: CommandServer

    /// `decide` says how each command is answered; nil for not at all.
    init(
        credit: UInt32 = 4096, logID: LogID = Wire.logID,
        decide: @escaping @Sendable (CommandRequest) -> CommandAnswer? = { $0.answer(.accepted) }
    ) {
        var options = CommandServer.Options()
        options.credit = credit
        let taken = taken
        server = CommandServer(thread: thread, logID: logID, clock: ThreadClock(thread: thread), options: options) {
            deliveries in
            taken.add(contentsOf: deliveries)
            for delivery in deliveries {
                if let answer = decide(delivery.request) { delivery.port.deliver([answer]) }
            }
        }
    }

    func stop() async {
        await server.stop()
        thread.shutdown()
    }
}

/// A command client on a thread of its own, with routes that tests change.
final class TestSender: Sendable {
    let thread = SocketThread(name: "sender")
    let clock: ThreadClock
    let client: CommandClient
    private let table: Collected<CommandAnswer.Route>

    init(options: CommandClient.Options = CommandClient.Options()) {
        let table = Collected<CommandAnswer.Route>()
        clock = ThreadClock(thread: thread)
        client = CommandClient(thread: thread, logID: Wire.logID, clock: clock, options: options) { _ in table.all.last
        }
        self.table = table
    }

    func claim(_ epoch: UInt64, _ endpoint: String) { table.add(.init(epoch: Epoch(epoch), endpoint: endpoint)) }

    func stop() async {
        await client.stop()
        thread.shutdown()
    }
}
