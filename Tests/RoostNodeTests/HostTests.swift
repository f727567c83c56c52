import RoostCore
import RoostLog
import RoostNode
import RoostSim
import Shop
import ShopScenario
import Testing

@Suite("A host", .timeLimit(.minutes(1)))
struct HostTests {
    private static let order = #"{"address":{"country":"France"},"lines":[{"sku":"A","quantity":1,"unitPrice":100}]}"#

    private static func request(
        _ command: String, _ data: String, to stream: String, id: String, expected: ExpectedVersion = .any
    ) throws -> CommandRequest {
        let stream = try StreamName(stream)
        return CommandRequest(
            partition: ShopScenario.placement.partition(of: stream) ?? PartitionID(0), deadline: Timestamp(seconds: 0),
            stream: stream, command: command, commandID: try CommandID(id), expected: expected, payload: Bytes(data))
    }

    /// One round after the other through a cluster without faults: each round is answered before the next is sent.
    private static func answers(seed: UInt64 = 1, _ rounds: [CommandRequest]...) throws -> [CommandAnswer] {
        let domain = Domain(name: "orders", aggregates: [Order.self, Stock.self])
        let cluster = SimulatedCluster(
            seed: seed, domain: domain, placement: ShopScenario.placement, codec: .json)
        try cluster.start()
        for round in rounds {
            cluster.send(round)
            let isQuiet = try cluster.runUntilQuiet()
            #expect(isQuiet && cluster.failures.isEmpty)
        }
        return cluster.answers
    }

    @Test("The same command twice, one after the other, stores one set of events and gets the same answer")
    func repeated() throws {
        let place = try Self.request("PlaceOrder", Self.order, to: "order/1", id: "c1")
        let answers = try Self.answers([place], [place])
        #expect(answers.map(\.outcome) == [.accepted, .accepted])
        #expect(answers[0].position == answers[1].position && answers[0].version == answers[1].version)
        #expect(answers[0].correlationID == answers[1].correlationID && answers[0].events == answers[1].events)
        #expect(answers[0].version == StreamVersion(1))
    }

    @Test("The same command twice in flight at once stores one set of events", arguments: 1...10)
    func repeatedInFlight(seed: UInt64) throws {
        let place = try Self.request("PlaceOrder", Self.order, to: "order/1", id: "c1")
        let answers = try Self.answers(seed: seed, [place, place, place])
        #expect(answers.map(\.outcome) == [.accepted, .accepted, .accepted])
        #expect(Set(answers.map(\.position)) == [Position(1)])
    }

    @Test("A command ID used again for another command is refused")
    func reused() throws {
        let place = try Self.request("PlaceOrder", Self.order, to: "order/1", id: "c1")
        let other = try Self.request("CancelOrder", #"{"reason":"late"}"#, to: "order/1", id: "c1")
        let answers = try Self.answers([place], [other])
        #expect(answers[1].outcome == .rejected)
        #expect(answers[1].code == "commandIDReused")
    }

    @Test("An expected version that is not the stream's is a conflict that says the actual one")
    func conflict() throws {
        let place = try Self.request("PlaceOrder", Self.order, to: "order/1", id: "c1", expected: .noStream)
        let again = try Self.request("PlaceOrder", Self.order, to: "order/1", id: "c2", expected: .noStream)
        let answers = try Self.answers([place], [again])
        #expect(answers[0].outcome == .accepted)
        #expect(answers[1].outcome == .conflict)
        #expect(answers[1].version == StreamVersion(1))
    }

    @Test(
        "What cannot be understood is rejected with a word for programs and a next step",
        arguments: [
            ("ShipIt", "{}", "unknownCommand"), ("PlaceOrder", "{", "malformedData"),
            ("PlaceOrder", #"{"address":{"country":"France"},"lines":3}"#, "malformedData"),
            ("CancelOrder", #"{"reason":"none"}"#, "rejected"),
        ])
    func rejected(command: String, data: String, code: String) throws {
        let answers = try Self.answers([try Self.request(command, data, to: "order/1", id: "c1")])
        #expect(answers[0].outcome == .rejected)
        #expect(answers[0].code == code)
        #expect(answers[0].reason?.isEmpty == false)
    }

    @Test("A category that no group holds is rejected")
    func unknownCategory() throws {
        let answers = try Self.answers([try Self.request("Anything", "{}", to: "parcel/1", id: "c1")])
        #expect(answers[0].code == "unknownCategory")
    }

    @Test("A rejected command is not remembered: sent again under the same ID it is decided anew")
    func rejectedIsDecidedAnew() throws {
        let ship = try Self.request("CancelOrder", #"{"reason":"late"}"#, to: "order/1", id: "c1")
        let place = try Self.request("PlaceOrder", Self.order, to: "order/1", id: "c2")
        let answers = try Self.answers([ship], [place], [ship])
        #expect(answers.map(\.outcome) == [.rejected, .accepted, .accepted])
    }
}
