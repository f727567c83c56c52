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
            more: [.every(OrderShipped.self, isCausedBy: [OrderPlaced.self])]),
        Fault(kind: .cycle, type: "OrderPlaced") { log in
            let placed = try log.index(of: "OrderPlaced", 4)
            log.events[placed].cause = log.events[placed].id
        },
        Fault(kind: .correlationChanged, type: "OrderPaid") { log in
            log.events[try log.index(of: "OrderPaid", 2)].correlation = CorrelationID(bits: 5)
        },
        Fault(kind: .tooDeep, type: "OrderShipped", plant: { _ in }, more: [.noChain(deeperThan: 1)]),
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
        #expect(document.findings.contains { $0.type == fault.type }, "\(document.findings)")
        #expect(document.ok == (fault.kind == .late))
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
