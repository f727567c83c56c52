import Foundation
import RoostCore
import RoostLog
import RoostLogSQLite
import RoostNode
import Testing

extension ProcessTests {
    @Suite("Correlation", .serialized, .timeLimit(.minutes(4)))
    struct CorrelationTests {
        private static let paid = TestOrder(
            stream: "order/paid", commandID: "place-paid",
            lines: [.init(sku: "A", quantity: 1, unitPrice: 5), .init(sku: "B", quantity: 2, unitPrice: 7)])
        private static let unpaid =
            #"{"address":{"country":"France"},"payLater":true,"lines":[{"sku":"A","quantity":1,"unitPrice":100}]}"#

        /// Which event leads to which: the type of an event, and that of its cause.
        private static let steps = [
            "OrderPlaced": nil, "OrderPaid": "OrderPlaced", "OrderShipped": "OrderPaid",
            "InventoryDecremented": "OrderShipped", "OrderCancelled": "OrderPlaced",
        ]

        @Test("Case 14: A chain keeps its correlation ID over everything, and a cause is the event right before")
        func kept() throws {
            try withTemporaryDirectory { directory in
                let failpoints = [
                    // Stored and not answered: its command is sent again. Handled and forgotten: its event is again.
                    "stock": "\(Failpoint.afterCommit.rawValue)@1:\(directory)/stock",
                    "fulfilment": "\(Failpoint.beforeReactorCheckpoint.rawValue)@2:\(directory)/fulfilment",
                ]
                let topology = try TestTopology.shop(environment: failpoints.mapValues { ["ROOST_FAILPOINT": $0] })
                try ClusterUnderTest.with(topology) { cluster in
                    try cluster.load([Self.paid], name: "paid")
                    try cluster.roost("send", "PlaceOrder", Self.unpaid, "--to", "order/unpaid").expecting(0)
                    for (name, instance) in [("stock", "stock-0"), ("fulfilment", "fulfilment")] {
                        try eventually("\(name) was killed") {
                            FileManager.default.fileExists(atPath: "\(directory)/\(name)")
                        }
                        try cluster.wait("is back", for: instance) { $0.restarts == 1 && $0.ready }
                    }
                    try cluster.waitUntilCaughtUp()
                    try cluster.down()
                    try cluster.setTopology(Self.later(directory))
                    try cluster.up()
                    try cluster.wait("was killed at its timer", for: "fulfilment") { $0.restarts == 1 && $0.ready }
                    try cluster.waitUntilCaughtUp()
                    try Self.expectCauses(cluster)

                    let chains = try Self.events(cluster).filter { $0.causationID == nil }.map(\.correlationID)
                    let before = try chains.map { try cluster.trace("\($0)").events.map(\.causationID) }
                    for name in ["traces", "dashboard"] { try cluster.rebuild(name, "--swap") }
                    let after = try chains.map { try cluster.trace("\($0)") }
                    #expect(after.map { $0.events.map(\.causationID) } == before && after.allSatisfy(\.isWhole))
                    #expect(chains.count == 2)
                    try Self.expectCauses(cluster)
                }
            }
        }

        /// The reactor's clock is half an hour and a minute ahead, and it dies once its timer is carried out.
        private static func later(_ directory: String) throws -> TestTopology {
            try .shop(environment: [
                "fulfilment": [
                    "ROOST_CLOCK_OFFSET_SECONDS": "1860",
                    "ROOST_FAILPOINT": "\(Failpoint.afterTimerCommand.rawValue)@1:\(directory)/timer",
                ]
            ])
        }

        private static func events(_ cluster: ClusterUnderTest) throws -> [RecordedEvent] {
            let log = try SQLiteLog.open(at: cluster.directory + "/log")
            return try log.identity.placement.partitions.flatMap {
                Array(try log.reader($0).events(after: .start, limit: 10_000))
            }
        }

        private struct Part: Decodable { let order: String }

        /// The order that an event is about.
        private static func order(_ event: RecordedEvent) throws -> String {
            guard event.type == "InventoryDecremented" else { return event.stream.description }
            return try JSONDecoder().decode(Part.self, from: Data(event.payload.array)).order
        }

        private static func expectCauses(_ cluster: ClusterUnderTest) throws {
            let events = try events(cluster)
            let byID = Dictionary(uniqueKeysWithValues: events.map { ($0.eventID, $0) })
            #expect(
                events.map(\.type).sorted() == [
                    "InventoryDecremented", "InventoryDecremented", "OrderCancelled", "OrderPaid", "OrderPlaced",
                    "OrderPlaced", "OrderShipped",
                ])
            for event in events {
                let cause = try event.causationID.map { try #require(byID[$0], "\(event.type) has an unknown cause") }
                #expect(
                    cause?.type == Self.steps[event.type] ?? nil, "\(event.type) comes of \(cause?.type ?? "nothing")")
                #expect(event.depth == cause.map { $0.depth + 1 } ?? 0)
                guard let cause else { continue }
                #expect(event.correlationID == cause.correlationID)
                #expect(try order(event) == order(cause))
            }
        }
    }
}
