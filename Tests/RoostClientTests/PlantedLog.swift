import ClientScenario
import Foundation
import RoostClient
import RoostCore
import RoostLog
import RoostNode
import RoostTesting
import RoostTrace
import Shop

/// The shop's own history, stored with faults that the runtime would not make.
struct PlantedLog {
    static let placement = Placement(groups: [
        .init(name: "orders", categories: ["order", "customer"], firstPartition: PartitionID(0), partitionCount: 2),
        .init(name: "stock", categories: ["stock"], firstPartition: PartitionID(2), partitionCount: 1),
    ])

    /// An event on its way into the log.
    struct Planted {
        var event: RecordedEvent
        var id: EventID
        var cause: EventID?
        var correlation: CorrelationID
        var recorded: Timestamp
        var payload: Bytes
        var schemaVersion: UInt32
    }

    var events: [Planted] = []

    init(events: [Planted]) { self.events = events }

    /// Orders with two lines each, carried out.
    init(orders: Int) throws {
        let run = DomainRun(ShopDomain.domain, placement: Self.placement)
        for number in 1...orders {
            let lines = (1...2).map { PlaceOrder.Line(sku: "S\(number % 3)-\($0)", quantity: 1, unitPrice: 5) }
            try run.send(
                PlaceOrder(customer: nil, address: Address(country: "United Kingdom"), lines: lines),
                to: StreamName("order/\(number)"))
        }
        events = run.events.map {
            Planted(
                event: $0, id: $0.eventID, cause: $0.causationID, correlation: $0.correlationID, recorded: $0.recorded,
                payload: $0.payload, schemaVersion: $0.schemaVersion)
        }
    }

    /// The number of the `number`-th event of a type.
    func index(of type: String, _ number: Int = 0) throws -> Int {
        let found = events.indices.filter { events[$0].event.type == type }
        guard number < found.count else { throw SpecFailure("there are \(found.count) \(type)") }
        return found[number]
    }

    /// Puts an event behind all others, so much later.
    mutating func delay(_ index: Int, by duration: Duration) {
        var event = events.remove(at: index)
        event.recorded = event.recorded + duration
        events.append(event)
    }

    /// Stores everything and checks it so long after the last event.
    func check(
        _ domain: Domain = Self.domain(), after wait: Duration = .seconds(3600)
    ) async throws -> ContractsDocument {
        try await client(domain, after: wait).checkContracts { _, _ in }
    }

    func client(
        _ domain: Domain = Self.domain(), after wait: Duration = .seconds(3600),
        reactors: String = "/nowhere/r", projections: String = "/nowhere/p"
    ) async throws -> ClusterClient {
        let log = try await stored()
        let last = events.map(\.recorded).max() ?? Timestamp(seconds: 0)
        return try ClusterClient(
            name: "planted", domain: domain, log: log,
            databases: ReaderDatabases(
                projections: projections, reactors: reactors, snapshots: "/nowhere/s", feeds: "/nowhere/f"),
            sender: ScriptedSender([]), now: { last + wait }, resting: { [:] })
    }

    /// All events in a log of their own.
    func stored() async throws -> MemoryLog {
        let log = MemoryLog(identity: LogIdentity(id: LogID(bits: 7), placement: Self.placement))
        try await store(in: log)
        return log
    }

    /// Appends all events; their commands are numbered from a number on.
    func store(in log: MemoryLog, from start: Int = 0) async throws {
        for (number, planted) in events.enumerated() {
            let event = planted.event
            guard let partition = Self.placement.partition(of: event.stream) else { continue }
            let writer = try await log.claim(partition, .sample(UInt64(start + number + 1)))
            let context = CommandContext(
                stream: event.stream, commandID: try CommandID("planted-\(start + number)"), fingerprint: 1,
                correlationID: planted.correlation, causationID: planted.cause, depth: event.depth)
            let new = NewEvent(
                eventID: planted.id, type: event.type, schemaVersion: planted.schemaVersion, payload: planted.payload,
                subject: event.subject, occurred: event.occurred)
            _ = try await writer.append([Proposal(context, expected: .any, events: [new])], at: planted.recorded)
            await writer.close()
        }
    }

    /// The shop without anything that runs.
    static func domain(reactors: [any Reactor.Type] = [], more: [CausalContract] = []) -> Domain {
        Domain(
            name: "shop", aggregates: ShopDomain.domain.aggregates, reactors: reactors,
            contracts: ShopDomain.domain.contracts + more)
    }
}
