import RoostCore

/// The same numbers for the same seed.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) } }
}

enum WireSamples {
    static let logID = LogID(bits: 0x0123_4567_89ab_cdef_0011_2233_4455_6677)
    static let otherLogID = LogID(bits: 1)

    /// Events at contiguous positions, as a commit would store them.
    static func page(_ count: Int, from first: UInt64 = 1, payloadBytes: Int = 40, epoch: UInt64 = 3) -> EventPage {
        var writer = EventWriter()
        var offsets: [Int] = []
        for index in 0..<count {
            let context = CommandContext(
                stream: StreamName(unchecked: "order/\(index % 7)-ä"),
                commandID: CommandID(unchecked: "command-\(index)"),
                fingerprint: UInt64(index) &* 77, correlationID: CorrelationID(bits: UInt128(index) << 70 | 5),
                causationID: index % 2 == 0 ? nil : EventID(bits: 99), depth: UInt16(index % 5),
                traceparent: index % 3 == 0 ? "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01" : nil,
                isImported: index % 2 == 1)
            let event = NewEvent(
                eventID: EventID(bits: UInt128(index) << 64 | 1), type: "OrderPlaced", schemaVersion: 2,
                payload: Bytes([UInt8](repeating: UInt8(truncatingIfNeeded: index), count: payloadBytes)),
                subject: index % 4 == 0 ? "customer/\(index)" : nil, occurred: Timestamp(seconds: 1_000_000))
            offsets.append(writer.append(context, event))
            writer.place(
                at: offsets[index], position: Position(first + UInt64(index)),
                version: StreamVersion(UInt64(index + 1)),
                recorded: Timestamp(seconds: 2_000_000), epoch: Epoch(epoch))
        }
        return EventPage(checked: writer.finish(), offsets: offsets)
    }

    static func message(_ page: EventPage, first: UInt64 = 1, newest: UInt64? = nil) -> BusMessage {
        BusMessage(
            kind: .events, topic: BusMessage.topic(group: "orders", partition: PartitionID(11)), logID: logID,
            partition: PartitionID(11), epoch: Epoch(3), first: Position(first),
            newest: Position(newest ?? first + UInt64(page.count) - 1), events: page)
    }

    static let heartbeat = BusMessage(
        kind: .heartbeat, topic: BusMessage.topic(group: "orders", partition: PartitionID(11)), logID: logID,
        partition: PartitionID(11), epoch: Epoch(3), first: Position(42), newest: Position(42), events: .empty)

    static func request(_ number: UInt64, payload: String = #"{"again":false}"#) -> CommandRequest {
        let isEven = number % 2 == 0
        return CommandRequest(
            number: number, partition: PartitionID(3), epoch: Epoch(number), deadline: Timestamp(seconds: 1000),
            stream: StreamName(unchecked: "order/\(number)-ö"), command: "PlaceOrder",
            commandID: CommandID(unchecked: "0190a1b2-\(number)"),
            expected: [.any, .noStream, .exactly(StreamVersion(number))][Int(number % 3)],
            correlationID: isEven ? CorrelationID(bits: 7) : nil, causationID: isEven ? nil : EventID(bits: 8),
            depth: UInt16(number % 9), traceparent: isEven ? "00-aa-bb-01" : nil,
            occurred: isEven ? Timestamp(nanoseconds: -5) : nil, payload: Bytes(payload))
    }

    static func answer(_ number: UInt64) -> CommandAnswer {
        let outcome = CommandOutcome.allCases[Int(number) % CommandOutcome.allCases.count]
        return CommandAnswer(
            number: number, outcome: outcome, events: UInt32(number % 4), version: StreamVersion(number),
            partition: PartitionID(2), position: Position(number * 3),
            correlationID: number % 2 == 0 ? CorrelationID(bits: 9) : nil,
            code: outcome == .rejected ? "outOfStöck" : nil, reason: outcome == .rejected ? "No stock." : nil,
            next: outcome == .rejected ? "Receive some." : nil,
            route: outcome == .moved ? .init(epoch: Epoch(5), endpoint: "ipc:///tmp/x") : nil)
    }

    static func shared(_ frames: [Bytes]) -> [SharedBytes] { frames.map { SharedBytes($0.array) } }
}

extension SharedBytes {
    var array: [UInt8] { withUnsafeBytes { Array($0) } }
}
