import Foundation
import RoostCore
import RoostJSON
import RoostLog
import RoostSim
import RoostTesting
import Shop
import ShopScenario
import Testing

@testable import RoostNode

/// A log whose oldest events have shapes that nobody writes any more.
@Suite("Events of an old version", .timeLimit(.minutes(1)))
struct UpcastingTests {
    /// Placed and paid in one event, as version 1 allowed.
    private static let prepaid = #"""
        {"order":"order/old","customer":"customer/1","address":{"country":"France"},"lines":\#
        [{"number":1,"sku":"A","description":"","quantity":2,"unitPrice":100}],"total":200,"prepaid":true}
        """#
    private static let shipped = #"""
        {"order":"order/old","customer":"customer/1","address":{"country":"France"},"lines":\#
        [{"number":1,"sku":"A","description":"","quantity":2,"unitPrice":100}],"amount":200}
        """#
    private static func upcasters() throws -> UpcasterChain { try UpcasterChain(ShopDomain.domain) }

    private static func store(_ proposals: Proposal..., in log: MemoryLog) async throws {
        let writer = try await log.claim(PartitionID(0), .sample())
        for outcome in try await writer.append(proposals, at: Timestamp(seconds: 1_300_000_000)) {
            guard case .committed = outcome else { throw ReaderFailure("not stored: \(outcome)") }
        }
        await writer.close()
    }

    private static func emptyLog() -> MemoryLog {
        MemoryLog(identity: LogIdentity(id: LogID(bits: 7), placement: ShopScenario.placement))
    }

    private static func old(_ command: String, _ type: String, _ payload: String) -> Proposal {
        .sample(to: "order/old", command: command, type: type, payload: payload)
    }

    private static func events(_ log: MemoryLog) throws -> EventPage {
        try log.reader(PartitionID(0)).events(after: .start, limit: 100)
    }

    @Test("Case 15: Upcasters run on a stream from its first event and from a snapshot")
    func folded() async throws {
        let log = Self.emptyLog()
        try await Self.store(
            Self.old("1", "OrderPlaced", Self.prepaid), Self.old("2", "OrderShipped", Self.shipped), in: log)
        let kind = AggregateKind(Order.self)
        let decoder = PayloadCodec.json(try Self.upcasters()).makeEventDecoder()
        let stream = try StreamName("order/old")
        var whole = kind.fold(stream, decoder)
        try whole.load(from: log.reader(PartitionID(0)), startingAt: nil)
        let state = try whole.document()
        #expect(state["status"] == "shipped" && state["paid"] == 200, "\(state)")
        #expect(whole.version == StreamVersion(2))
        var first = kind.fold(stream, decoder)
        try first.apply(try Self.events(log)[0])
        #expect(try first.document()["status"] == "paid")
        let snapshot = try first.snapshot(foldedAs: try #require(kind.foldIdentity), at: Timestamp(seconds: 0))
        var resumed = kind.fold(stream, decoder)
        try resumed.load(from: log.reader(PartitionID(0)), startingAt: snapshot)
        #expect(try resumed.document() == state)
    }

    @Test("reach projections as parts in one transaction, each counted once, live and as of a time")
    func projected() async throws {
        let log = Self.emptyLog()
        try await Self.store(
            Self.old("1", "OrderPlaced", Self.prepaid), Self.old("2", "OrderShipped", Self.shipped), in: log)
        let codec = PayloadCodec.json(try Self.upcasters())
        let live = try ProjectionStore(Analytics.self, path: nil, logID: log.identity.id, codec: codec)
        try live.transaction { try live.apply(Self.events(log), of: PartitionID(0)) }
        let sums = "SELECT orders, revenue, shipped, shippedAgain FROM hours"
        let rows = try live.store.withConnection { connection in
            let tables = Tables(connection: connection)
            defer { tables.close() }
            return try tables.rows(sums)
        }
        #expect(rows == [[.integer(1), .integer(200), .integer(1), .integer(0)]])
        #expect(live.progress(PartitionID(0)).applied == 2)
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("past-\(UUID()).db").path
        defer { unlink(file) }
        let past = try PastProjection(Analytics.self, log: log, codec: codec)
            .make(until: Timestamp(seconds: 1_400_000_000), at: file) { _ in }
        #expect(try past.root == live.root())
        try live.close()
    }

    @Test("lead a reactor to the commands of each part, under IDs of their own")
    func reacted() async throws {
        let cluster = SimulatedCluster(
            seed: 1, domain: ShopDomain.domain, placement: ShopScenario.placement, codec: try ShopScenario.codec)
        try await Self.store(Self.old("1", "OrderPlaced", Self.prepaid), in: cluster.log)
        try cluster.start()
        #expect(try cluster.runUntilQuiet() && cluster.failures.isEmpty)
        let orders = try cluster.log.reader(PartitionID(0)).events(after: .start, limit: 100)
        #expect(orders.map(\.type) == ["OrderPlaced", "OrderShipped"])
        let stored = orders[0].eventID
        #expect(orders[1].causationID == stored)
        #expect(orders[1].commandID == CommandID(derivedFrom: stored, part: 1, reactor: "fulfilment", index: 0))
    }

    @Test("of a kind that nothing reads are parked by a projection, and refused by writers: both say so")
    func stranded() async throws {
        let log = Self.emptyLog()
        let unknown = Proposal.sample(to: "order/old", command: "1", type: "OrderPlaced", schemaVersion: 9)
        try await Self.store(Self.old("0", "OrderPlaced", Self.prepaid), unknown, in: log)
        let codec = PayloadCodec.json(try Self.upcasters())
        let store = try ProjectionStore(Analytics.self, path: nil, logID: log.identity.id, codec: codec)
        try store.transaction { try store.apply(Self.events(log), of: PartitionID(0)) }
        let progress = store.progress(PartitionID(0))
        #expect(progress.position == Position(2) && progress.applied == 1 && progress.parked == 1)
        let place = EventPlace(partition: PartitionID(0), position: Position(2))
        let parked = try #require(try store.parkedEvent(at: place))
        #expect(parked.kind == .failed && parked.reason.contains("version 9 is newer than version 2"))
        let refused = #expect(throws: SchemaError.self) {
            try SchemaCheck.admit(log.reader(PartitionID(0)), Self.upcasters())
        }
        #expect(refused?.description.contains("roost schema check") == true)
    }

    @Test("whose upcaster throws stop the fold with the event's name, and nothing else")
    func throwing() async throws {
        let log = Self.emptyLog()
        try await Self.store(Self.old("1", "OrderPlaced", #"{"order":"order/old"}"#), in: log)
        let decoder = PayloadCodec.json(try Self.upcasters()).makeEventDecoder()
        let event = try Self.events(log)[0]
        let error = #expect(throws: SchemaError.self) { try decoder.parts(of: event) }
        #expect(error?.description.contains("\(event.eventID)") == true)
        #expect(error?.description.contains("the upcaster of OrderPlaced version 1 failed") == true)
    }
}

/// What an application may declare.
@Suite("A chain of upcasters")
struct UpcasterChainTests {
    private struct A1: EventPayload { static let type = "A" }
    private struct A2: EventPayload {
        static let type = "A"
        static let schemaVersion: UInt32 = 2
    }
    private struct A3: EventPayload {
        static let type = "A"
        static let schemaVersion: UInt32 = 3
    }
    private struct B1: EventPayload { static let type = "B" }

    private static func chain(_ upcasters: [Upcaster], declaring kinds: [EventKind]) throws -> UpcasterChain {
        try UpcasterChain(kinds: kinds, upcasters: upcasters)
    }

    private static func refusal(_ upcasters: [Upcaster], declaring kinds: [EventKind]) -> String? {
        do {
            _ = try chain(upcasters, declaring: kinds)
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test("leads every kind to what is declared, over several steps and into other types")
    func steps() throws {
        let chain = try Self.chain(
            [.init { (_: A1) in A2() }, .init(into: [A3.self, B1.self]) { (_: A2) in [A3(), B1()] }],
            declaring: [EventKind("A", 3), EventKind("B", 1)])
        #expect(chain.results(of: EventKind("A", 1)) == [EventKind("A", 3), EventKind("B", 1)])
        #expect(chain.storedTypes(becoming: ["B"]) == ["A", "B"])
        #expect(chain.obstacle(to: EventKind("A", 1)) == nil)
        #expect(chain.obstacle(to: EventKind("A", 4))?.contains("newer than version 3") == true)
        #expect(chain.obstacle(to: EventKind("C", 1))?.contains("does not know") == true)
    }

    @Test("that has a hole, a circle, two ways or an end that nothing declares is refused")
    func refused() {
        let up = Upcaster { (_: A1) in A2() }
        #expect(Self.refusal([up], declaring: [EventKind("A", 2)]) == nil)
        #expect(Self.refusal([up], declaring: [EventKind("A", 3)])?.contains("has no upcaster to version 3") == true)
        #expect(Self.refusal([up, up], declaring: [EventKind("A", 2)])?.contains("join them") == true)
        let back = Upcaster { (_: A2) in A1() }
        #expect(Self.refusal([up, back], declaring: [EventKind("B", 1)])?.contains("in a circle") == true)
        #expect(Self.refusal([up], declaring: [EventKind("B", 1)])?.contains("does not know") == true)
        #expect(Self.refusal([up], declaring: [EventKind("A", 1)])?.contains("has an upcaster") == true)
        let twice = [EventKind("A", 1), EventKind("A", 2)]
        #expect(Self.refusal([], declaring: twice)?.contains("is declared in version") == true)
    }

    @Test("keeps the order in which the parts of one event are written")
    func writeOrder() throws {
        var writer = EventWriter(capacity: 256)
        let sample = Proposal.sample(to: "cart/1", command: "c")
        let offset = writer.append(sample.context, sample.events[0])
        let event = try EventPage(parsing: writer.finish())[offset]
        let parts = (0..<3).map { event.part(UInt16($0), Upcaster.Part(kind: EventKind("A", 1), payload: [])) }
        let orders = parts.compactMap { part -> [UInt8]? in
            if case .blob(let bytes) = part.writeOrder { bytes } else { nil }
        }
        #expect(orders[0].lexicographicallyPrecedes(orders[1]) && orders[1].lexicographicallyPrecedes(orders[2]))
        #expect(parts.map(\.eventID) == [event.eventID, event.eventID, event.eventID])
    }
}
