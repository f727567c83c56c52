import Foundation
import RoostCore
import RoostJSON
import RoostLog
import RoostLogSQLite

/// Compares what two projections say with a direct fold of the log.
struct Balance {
    /// What the events alone say.
    private struct Fold {
        var paid: [String: Int64] = [:]
        var cancelled: Set<String> = []
        var shippedLines = 0
        var decrements = 0
        var correlations: Set<CorrelationID> = []
        var events: Set<EventID> = []
        var causes: Set<EventID> = []

        var revenue: Int64 { paid.filter { !cancelled.contains($0.key) }.values.reduce(0, +) }

        mutating func add(_ event: RecordedEvent) throws {
            events.insert(event.eventID)
            if let cause = event.causationID { causes.insert(cause) } else { correlations.insert(event.correlationID) }
            let stream = event.stream.description
            switch event.type {
            case "OrderPaid":
                paid[stream] = try JSONValue.parse(event.payload.array)["amount"]?.integer ?? 0
            case "OrderCancelled": cancelled.insert(stream)
            case "OrderShipped":
                cancelled.remove(stream)
                shippedLines += try JSONValue.parse(event.payload.array)["lines"]?.array?.count ?? 0
            case "InventoryDecremented": decrements += 1
            default: break
            }
        }
    }

    let roost: RoostTool
    let directory: String

    func check() throws {
        let fold = try fold()
        let dashboard = try number("revenue", in: ["query", "dashboard", "revenue"])
        let analytics = try number("revenue", in: ["query", "analytics", "totals"])
        try agree("revenue in pence: log, dashboard, analytics", [fold.revenue, dashboard, analytics])
        try agree("lines shipped, stock decrements", [Int64(fold.shippedLines), Int64(fold.decrements)])
        try agree("causes that no event has, expected", [Int64(fold.causes.subtracting(fold.events).count), 0])
        Narration.line("\(fold.events.count) events in \(fold.correlations.count) chains")
    }

    private func agree(_ what: String, _ numbers: [Int64]) throws {
        Narration.line("\(what): \(numbers.map { String($0) }.joined(separator: " = "))")
        guard Set(numbers).count == 1 else { throw RoostTool.Failed(description: "\(what) differ") }
    }

    /// One field of the first row that a query answers.
    private func number(_ column: String, in arguments: [String]) throws -> Int64 {
        let rows = try roost.document(arguments)["rows"] as? [[String: Any]]
        guard let number = rows?.first?[column] as? Int else {
            throw RoostTool.Failed(description: "roost \(arguments.joined(separator: " ")) has no \(column)")
        }
        return Int64(number)
    }

    private func fold() throws -> Fold {
        let log = try SQLiteLog.open(at: "\(directory)/log")
        var fold = Fold()
        for partition in log.identity.placement.partitions {
            let reader = try log.reader(partition)
            var position = Position.start
            while true {
                let page = try reader.events(after: position, limit: 10_000)
                guard let last = page.last else { break }
                for event in page { try fold.add(event) }
                position = last.position
            }
        }
        return fold
    }
}
