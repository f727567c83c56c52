import Foundation
import RoostCore
import RoostZeroMQ
import Testing

/// A subscriber in Python that knows only the document of the protocol.
@Suite(.timeLimit(.minutes(1)))
struct OtherLanguageTests {
    private struct Decoded: Decodable, Equatable {
        struct Event: Decodable, Equatable {
            var eventID, stream, type, commandID: String
            var traceparent, subject: String?
            var payload: String
            var imported: Bool
            var depth: UInt16
            var position, version: UInt64
            var recorded, occurred: Int64
            var correlationID: String
            var causationID: String?
            var fingerprint: UInt64
            var schemaVersion: UInt32
            var epoch: UInt64
        }
        var topic, kind: String
        var partition: UInt32
        var epoch, first, newest: UInt64
        var logID: String
        var events: [Event]
    }

    private let logID = LogID(bits: 0x0011_2233_4455_6677_8899_aabb_ccdd_eeff)

    @Test("A subscriber in another language decodes every field of the bus from its document")
    func python() async throws {
        let thread = SocketThread(name: "bus")
        let endpoint = Scratch.endpoint("ipc")
        let publisher = try await thread.run { () throws in
            let socket = try Socket(.pub, on: thread)
            _ = try socket.bind(endpoint)
            return Kept(socket)
        }
        let output = FileManager.default.temporaryDirectory.appending(path: "roost-python-\(getpid()).json")
        let process = try start(endpoint, output)
        // A heartbeat of position 0 again and again, until the subscriber says that it hears.
        while !(try String(contentsOf: output, encoding: .utf8)).contains("joined"), process.isRunning {
            try await publish(heartbeat(0), publisher, thread)
            usleep(2000)
            await Task.yield()
        }
        let sent = [message(1...1), message(2...40), message(41...43, payload: String(repeating: "ä", count: 100_000))]
        for message in sent + [heartbeat(43)] { try await publish(message, publisher, thread) }
        while process.isRunning {
            usleep(2000)
            await Task.yield()
        }
        #expect(process.terminationStatus == 0, "install python3-zmq for /usr/bin/python3 if that is what is missing")
        let lines = try String(contentsOf: output, encoding: .utf8).split(separator: "\n").dropFirst()
        let got = try lines.map { try JSONDecoder().decode(Decoded.self, from: Data($0.utf8)) }
        let expected = try (sent + [heartbeat(43)]).flatMap { try expectation($0) }
        #expect(expected.count == 6, "the last commit is split")
        #expect(got == expected)
        await thread.run { publisher.socket.close() }
        thread.shutdown()
        try FileManager.default.removeItem(at: output)
    }

    private func start(_ endpoint: String, _ output: URL) throws -> Process {
        let script = try #require(Bundle.module.url(forResource: "subscriber", withExtension: "py"))
        try Data().write(to: output)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = [script.path, endpoint, "orders."]
        process.standardOutput = try FileHandle(forWritingTo: output)
        try process.run()
        return process
    }

    private func publish(_ message: BusMessage, _ publisher: Kept, _ thread: SocketThread) async throws {
        try await thread.run { () throws in
            for frames in BusFrames.encode(message) { #expect(try publisher.socket.send(frames)) }
        }
    }

    private func heartbeat(_ newest: UInt64) -> BusMessage {
        BusMessage(
            kind: .heartbeat, topic: "orders.0000000b", logID: logID, partition: PartitionID(11), epoch: Epoch(7),
            first: Position(newest), newest: Position(newest), events: .empty)
    }

    private func message(_ positions: ClosedRange<UInt64>, payload: String = #"{"name":"Zoë"}"#) -> BusMessage {
        var writer = EventWriter()
        var offsets: [Int] = []
        for position in positions {
            let isEven = position % 2 == 0
            let context = CommandContext(
                stream: StreamName(unchecked: "order/\(position)-ß"), commandID: CommandID(unchecked: "id-\(position)"),
                fingerprint: position &* 0x9e37_79b9_7f4a_7c15,
                correlationID: CorrelationID(bits: UInt128(position) << 64),
                causationID: isEven ? EventID(bits: UInt128(position)) : nil, depth: UInt16(position),
                traceparent: isEven ? "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01" : nil,
                isImported: isEven)
            let event = NewEvent(
                eventID: EventID(bits: UInt128(position) << 90 | 1), type: "OrderPlaced", schemaVersion: 3,
                payload: Bytes(payload), subject: isEven ? nil : "customer/\(position)",
                occurred: Timestamp(nanoseconds: -Int64(position)))
            offsets.append(writer.append(context, event))
            writer.place(
                at: offsets[offsets.count - 1], position: Position(position), version: StreamVersion(position + 1),
                recorded: Timestamp(nanoseconds: 1_700_000_000_123_456_789), epoch: Epoch(isEven ? 7 : 6))
        }
        return BusMessage(
            kind: .events, topic: "orders.0000000b", logID: logID, partition: PartitionID(11), epoch: Epoch(7),
            first: Position(positions.lowerBound), newest: Position(positions.upperBound),
            events: EventPage(checked: writer.finish(), offsets: offsets))
    }

    /// What the subscriber should print: one document per message on the wire.
    private func expectation(_ message: BusMessage) throws -> [Decoded] {
        try BusFrames.encode(message).map { frames in
            let part = try BusFrames.decode(frames.map { SharedBytes($0.array) }, logID: logID)
            return Decoded(
                topic: part.topic, kind: part.kind == .events ? "events" : "heartbeat", partition: 11, epoch: 7,
                first: part.first.rawValue, newest: message.newest.rawValue, logID: logID.description,
                events: part.events.map(expectation))
        }
    }

    private func expectation(_ event: RecordedEvent) -> Decoded.Event {
        Decoded.Event(
            eventID: event.eventID.description, stream: event.stream.description, type: event.type,
            commandID: event.commandID.description, traceparent: event.traceparent, subject: event.subject,
            payload: event.payload.text, imported: event.isImported, depth: event.depth,
            position: event.position.rawValue, version: event.version.rawValue,
            recorded: event.recorded.nanoseconds, occurred: event.occurred.nanoseconds,
            correlationID: event.correlationID.description, causationID: event.causationID?.description,
            fingerprint: event.fingerprint, schemaVersion: event.schemaVersion, epoch: event.epoch.rawValue)
    }
}
