import Foundation
import RoostClient
import RoostCore
import RoostNode
import RoostTesting
import RoostTrace
import Shop
import Testing

@Suite("Causal contracts")
struct ContractTests {
    /// A fault, how it is planted, and where it shows.
    struct Fault: Sendable, CustomStringConvertible {
        let kind: CausalFinding.Kind
        let type: String
        let plant: @Sendable (inout PlantedLog) throws -> Void
        var more: [CausalContract] = []
        /// How often it shows; nil where one change breaks the contract of every chain.
        var count: Int? = 1
        var description: String { kind.rawValue }
    }

    static let faults: [Fault] = [
        Fault(kind: .missing, type: "OrderShipped") { log in
            log.events.remove(at: try log.index(of: "InventoryDecremented", 3))
        },
        Fault(kind: .duplicate, type: "InventoryDecremented") { log in
            var again = log.events[try log.index(of: "InventoryDecremented", 3)]
            again.id = EventID(bits: 1 << 100)
            log.events.append(again)
        },
        Fault(kind: .late, type: "InventoryDecremented") { log in
            log.delay(try log.index(of: "InventoryDecremented", 5), by: .seconds(31))
        },
        Fault(kind: .orphan, type: "OrderPaid") { log in
            log.events[try log.index(of: "OrderPaid", 2)].cause = EventID(bits: 99)
        },
        Fault(
            kind: .orphan, type: "OrderPaid",
            plant: { log in log.events[try log.index(of: "OrderPaid", 2)].cause = nil },
            more: [.every(OrderPaid.self, isCausedBy: [OrderPlaced.self])]),
        Fault(
            kind: .wrongCause, type: "OrderShipped", plant: { _ in },
            more: [.every(OrderShipped.self, isCausedBy: [OrderPlaced.self])], count: 12),
        Fault(kind: .cycle, type: "OrderPlaced") { log in
            let placed = try log.index(of: "OrderPlaced", 4)
            log.events[placed].cause = log.events[placed].id
        },
        Fault(
            kind: .correlationChanged, type: "OrderPaid",
            plant: { log in log.events[try log.index(of: "OrderPaid", 2)].correlation = CorrelationID(bits: 5) },
            count: 2),
        Fault(kind: .duplicate, type: "OrderPlaced") { log in
            let twin = try log.index(of: "OrderPlaced", 7)
            var again = log.events[twin]
            again.cause = nil
            log.events.append(again)
        },
        Fault(kind: .duplicate, type: "InventoryDecremented") { log in
            // Another line of the same order is said to be decremented, which has no such line.
            var again = log.events[try log.index(of: "InventoryDecremented", 3)]
            again.id = EventID(bits: 1 << 100)
            again.payload = Bytes(again.event.payload.text.replacing(/"line":\d+/, with: "\"line\":9"))
            log.events.append(again)
        },
        Fault(kind: .tooDeep, type: "OrderShipped", plant: { _ in }, more: [.noChain(deeperThan: 1)], count: 12),
    ]

    private func planted() throws -> PlantedLog { try PlantedLog(orders: 12) }

    @Test("find nothing in a log that the runtime has written")
    func clean() async throws {
        let document = try await planted().check(
            PlantedLog.domain(more: [.every(OrderPaid.self, isCausedBy: [OrderPlaced.self])]))
        #expect(document.ok && document.findings == [] && document.pending == 0)
        #expect(document.chains == 12 && document.events == 60)
        #expect(document.contracts.first { $0.name.hasPrefix("every OrderShipped") }?.checked == 24)
    }

    @Test("find each kind of fault where it was planted, and no other kind", arguments: faults)
    func found(_ fault: Fault) async throws {
        var log = try planted()
        try fault.plant(&log)
        let document = try await log.check(PlantedLog.domain(more: fault.more))
        #expect(Set(document.findings.map(\.kind)) == [fault.kind], "\(document.findings)")
        if let count = fault.count { #expect(document.findings.count == count, "\(document.findings)") }
        #expect(document.findings.contains { $0.type == fault.type }, "\(document.findings)")
        #expect(document.ok == (fault.kind == .late))
    }

    @Test("miss an effect whose cause its reactor has passed, and wait for one that a timer will bring")
    func passed() async throws {
        var log = try planted()
        let missing = log.events.remove(at: try log.index(of: "InventoryDecremented", 3))
        let directory = NSTemporaryDirectory() + "roost-contracts-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { #expect(throws: Never.self) { try FileManager.default.removeItem(atPath: directory) } }
        let store = try ReactorStore(
            name: Fulfilment.name, path: "\(directory)/\(Fulfilment.name).db", logID: LogID(bits: 7))
        for partition in 0..<3 {
            try store.save(
                Progress(position: Position(1000)), of: PartitionID(UInt32(partition)), countedBy: [])
        }
        try store.close()
        let client = try await log.client(PlantedLog.domain(reactors: [Fulfilment.self]), reactors: directory)
        let findings = try client.checkContracts { _, _ in }.findings
        #expect(findings.map(\.kind) == [.missing] && findings.first?.eventID == missing.cause)
    }

    @Test("count what a cause asks for twice, and never run out of time")
    func multiplicity() async throws {
        let twice = CausalContract.every(
            OrderShipped.self, leadsTo: InventoryDecremented.self, within: .seconds(Int64.max),
            oneForEach: { $0.lines.map { _ in "any" } }, matching: { _ in "any" })
        let document = try await planted().check(PlantedLog.domain(more: [twice]))
        #expect(document.ok && document.findings == [])
        var log = try planted()
        log.events.remove(at: try log.index(of: "InventoryDecremented", 3))
        let short = try await log.check(PlantedLog.domain(more: [twice]))
        // The contract without an end to its time only waits.
        #expect(short.findings.count == 1 && short.pending == 1)
    }

    @Test("see old events as they are declared today: an order that came paid leads to its shipment")
    func upcast() async throws {
        var log = try planted()
        let placed = try log.index(of: "OrderPlaced", 4)
        let paid = log.events.remove(at: try log.index(of: "OrderPaid", 4))
        let shipped = try log.index(of: "OrderShipped", 4)
        let old = log.events[placed].event.payload.text
            .replacing(/,"payLater":false/, with: "").replacing("}]", with: "}],\"prepaid\":true", maxReplacements: 1)
        log.events[placed].payload = Bytes(old)
        log.events[placed].schemaVersion = 1
        log.events[shipped].cause = log.events[placed].id
        #expect(paid.cause == log.events[placed].id)
        let document = try await log.check(
            PlantedLog.domain(more: [.every(OrderShipped.self, isCausedBy: [OrderPaid.self])]))
        #expect(document.ok, "\(document.findings)")
    }

    @Test("tell those in a circle from those that only follow from it")
    func tail() async throws {
        var log = try planted()
        let placed = try log.index(of: "OrderPlaced", 4)
        log.events[placed].cause = log.events[placed].id
        let findings = try await log.check(PlantedLog.domain(more: [.noChain(deeperThan: 3)])).findings
        #expect(findings.map(\.kind) == [.cycle] && findings.first?.eventID == log.events[placed].id)
    }

    @Test("take a circle of several events for what it is, each event once")
    func longCycle() async throws {
        var log = try planted()
        let (placed, shipped) = (try log.index(of: "OrderPlaced", 4), try log.index(of: "OrderShipped", 4))
        log.events[placed].cause = log.events[shipped].id
        let findings = try await log.check().findings
        #expect(findings.map(\.kind) == [.cycle, .cycle, .cycle])
        #expect(Set(findings.map(\.type)) == ["OrderPlaced", "OrderPaid", "OrderShipped"])
    }

    @Test("ask for no effect of a cause that its reactor has not come to, nor before its time is over")
    func pending() async throws {
        var log = try planted()
        log.events.remove(at: try log.index(of: "InventoryDecremented", 3))
        let behind = try await log.check(PlantedLog.domain(reactors: [Fulfilment.self]))
        #expect(behind.ok && behind.findings == [] && behind.pending == 1)
        var recent = try planted()
        recent.events.remove(at: try recent.index(of: "InventoryDecremented", 23))
        let early = try await recent.check(after: .seconds(10))
        #expect(early.ok && early.findings == [] && early.pending == 1)
        #expect(try await recent.check(after: .seconds(40)).findings.map(\.kind) == [.missing])
    }

    @Test("do not call late what its reactor had no time for: it was busy with earlier causes")
    func busy() async throws {
        var log = try planted()
        // Everything that the stock stores is a minute behind, one after the other.
        for index in log.events.indices where log.events[index].event.stream.category == "stock" {
            log.events[index].recorded = log.events[index].recorded + .seconds(60)
        }
        let findings = try await log.check().findings
        #expect(findings.allSatisfy { $0.kind == .late })
        // The first of each partition had nobody before it.
        #expect(!findings.isEmpty && findings.count <= 4, "\(findings.count)")
    }

    @Test("are checked in unit tests over a run of the domain")
    func domainRun() throws {
        let run = DomainRun(ShopDomain.domain, placement: PlantedLog.placement)
        let lines = [PlaceOrder.Line(sku: "A", quantity: 1, unitPrice: 5)]
        try run.send(
            PlaceOrder(customer: nil, address: Address(country: "UK"), lines: lines), to: StreamName("order/1"))
        try run.expectContracts()
        let strict = Domain(
            name: "shop", aggregates: ShopDomain.domain.aggregates, reactors: ShopDomain.domain.reactors,
            contracts: [.every(OrderPlaced.self, leadsTo: OrderCancelled.self, within: .seconds(1))])
        let other = DomainRun(strict, placement: PlantedLog.placement)
        try other.send(
            PlaceOrder(customer: nil, address: Address(country: "UK"), lines: lines), to: StreamName("order/1"))
        #expect(throws: SpecFailure.self) { try other.expectContracts() }
    }
}
