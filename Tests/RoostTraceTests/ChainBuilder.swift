import RoostCore
import RoostLog

@testable import RoostTrace

/// Builds recorded events of a chain without a log.
struct ChainBuilder {
    let correlation = CorrelationID(bits: 7)
    var events: [(PartitionID, RecordedEvent)] = []

    mutating func add(
        _ id: UInt128, _ type: String, in stream: String, partition: UInt32, position: UInt64, cause: UInt128? = nil,
        depth: UInt16 = 0, recordedAt milliseconds: Int64
    ) throws {
        var writer = EventWriter(capacity: 512)
        let context = CommandContext(
            stream: try StreamName(stream), commandID: try Self.commandID(id, cause), fingerprint: 1,
            correlationID: correlation, causationID: cause.map { EventID(bits: $0) }, depth: depth)
        let time = Timestamp(nanoseconds: milliseconds * 1_000_000)
        let offset = writer.append(
            context, NewEvent(eventID: EventID(bits: id), type: type, payload: Bytes("{}"), occurred: time))
        writer.place(
            at: offset, position: Position(position), version: StreamVersion(1), recorded: time, epoch: Epoch(1))
        events.append((PartitionID(partition), RecordedEvent(checked: writer.finish(), offset: 0)))
    }

    private static func commandID(_ id: UInt128, _ cause: UInt128?) throws -> CommandID {
        guard let cause else { return try CommandID("c\(id)") }
        return CommandID(derivedFrom: EventID(bits: cause), part: 0, reactor: "fulfilment", index: 0)
    }

    /// placed → paid → shipped → two decrements.
    static func order() throws -> ChainBuilder {
        var chain = ChainBuilder()
        try chain.add(1, "OrderPlaced", in: "order/1", partition: 0, position: 10, recordedAt: 0)
        try chain.add(2, "OrderPaid", in: "order/1", partition: 0, position: 11, cause: 1, depth: 1, recordedAt: 2)
        try chain.add(3, "OrderShipped", in: "order/1", partition: 0, position: 12, cause: 2, depth: 2, recordedAt: 4)
        try chain.add(4, "InventoryDecremented", in: "stock/a", partition: 6, position: 5, cause: 3, recordedAt: 6)
        try chain.add(5, "InventoryDecremented", in: "stock/b", partition: 7, position: 9, cause: 3, recordedAt: 7)
        return chain
    }

    func trace(readers: [TraceReader] = []) -> Trace {
        Trace(correlationID: correlation, events: events.reversed(), readers: readers) { partition, _ in
            partition.rawValue < 6 ? "orders-0" : "stock-0"
        }
    }
}

func reader(_ name: String, _ types: Set<String>, through positions: [UInt32: UInt64]) -> TraceReader {
    let pairs = positions.map { (PartitionID($0.key), Position($0.value)) }
    return TraceReader(name: name, types: types, checkpoints: Dictionary(uniqueKeysWithValues: pairs))
}
