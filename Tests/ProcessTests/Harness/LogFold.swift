import Foundation
import RoostCore
import RoostLog
import RoostLogSQLite

/// All events of a log, read from its files and folded here: the judge of what the cluster says.
struct LogFold: Sendable {
    /// A line of an order, as in `order/7 line 2`.
    typealias Line = String

    private(set) var events = 0
    private(set) var types: [String: Int] = [:]
    /// How often each order was placed.
    private(set) var placed: [String: Int] = [:]
    private(set) var total = 0
    private(set) var paid = 0
    private(set) var shipped: Set<Line> = []
    /// How often the stock was decremented for each line.
    private(set) var decremented: [Line: Int] = [:]
    private(set) var levels: [String: Int] = [:]
    /// Orders by correlation ID.
    private(set) var chains: [CorrelationID: Set<String>] = [:]
    /// Events whose cause is not in the log, or belongs to another chain.
    private(set) var withoutCause: [String] = []
    /// Orders whose events bear more than one correlation ID.
    private(set) var torn: Set<String> = []

    private var correlations: [EventID: CorrelationID] = [:]
    private var chainOfOrder: [String: CorrelationID] = [:]

    init(_ cluster: ClusterUnderTest) throws {
        let log = try SQLiteLog.open(at: cluster.directory + "/log")
        var found: [RecordedEvent] = []
        for partition in log.identity.placement.partitions {
            found += try Self.events(of: log.reader(partition))
        }
        for event in found { correlations[event.eventID] = event.correlationID }
        for event in found { try fold(event) }
    }

    private static func events(of reader: any PartitionReader) throws -> [RecordedEvent] {
        var events: [RecordedEvent] = []
        while true {
            let page = try reader.events(after: events.last?.position ?? .start, limit: 10_000)
            guard !page.isEmpty else { return events }
            events += page
        }
    }

    /// The events in all partitions.
    static func heads(_ cluster: ClusterUnderTest) throws -> UInt64 {
        let log = try SQLiteLog.open(at: cluster.directory + "/log")
        return try log.identity.placement.partitions.reduce(0) { try $0 + log.reader($1).head().position.rawValue }
    }

    private mutating func fold(_ event: RecordedEvent) throws {
        events += 1
        types[event.type, default: 0] += 1
        checkCause(event)
        let order = try foldPayload(event)
        guard let order else { return }
        chains[event.correlationID, default: []].insert(order)
        if chainOfOrder[order, default: event.correlationID] != event.correlationID { torn.insert(order) }
        chainOfOrder[order] = event.correlationID
    }

    private mutating func checkCause(_ event: RecordedEvent) {
        let isRoot = event.type == "OrderPlaced" || event.type == "InventoryReceived"
        guard let cause = event.causationID else {
            if !isRoot { withoutCause.append("\(event.type) \(event.eventID)") }
            return
        }
        if correlations[cause] != event.correlationID { withoutCause.append("\(event.type) \(event.eventID)") }
    }

    /// The order that the event belongs to.
    private mutating func foldPayload(_ event: RecordedEvent) throws -> String? {
        let stream = event.stream.description
        switch event.type {
        case "OrderPlaced":
            placed[stream, default: 0] += 1
            total += try Self.decode(Amounts.self, event).total ?? 0
        case "OrderPaid": paid += try Self.decode(Amounts.self, event).amount ?? 0
        case "OrderShipped":
            for line in try Self.decode(Goods.self, event).lines { shipped.insert("\(stream) line \(line.number)") }
        case "InventoryDecremented":
            let part = try Self.decode(Part.self, event)
            decremented["\(part.order) line \(part.line)", default: 0] += 1
            levels[part.sku, default: 0] -= part.quantity
            return part.order
        case "InventoryReceived":
            let received = try Self.decode(Received.self, event)
            levels[received.sku, default: 0] += received.quantity
            return nil
        default: return nil
        }
        return stream
    }

    private static func decode<Value: Decodable>(_ type: Value.Type, _ event: RecordedEvent) throws -> Value {
        try JSONDecoder().decode(type, from: Data(event.payload.array))
    }

    private struct Amounts: Decodable {
        let total: Int?
        let amount: Int?
    }
    private struct Goods: Decodable {
        struct Line: Decodable { let number: Int }
        let lines: [Line]
    }
    private struct Received: Decodable {
        let sku: String
        let quantity: Int
    }
    private struct Part: Decodable {
        let sku: String
        let quantity: Int
        let order: String
        let line: Int
    }
}
