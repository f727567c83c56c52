import Foundation
import RoostCore

/// An order as a test sends it: it knows what has to come of it.
struct TestOrder: Sendable, Hashable {
    struct Line: Sendable, Hashable {
        let sku: String
        let quantity: Int
        let unitPrice: Int
    }

    let stream: String
    let commandID: String
    let lines: [Line]

    var total: Int { lines.reduce(0) { $0 + $1.quantity * $1.unitPrice } }

    /// The data of its PlaceOrder.
    var data: String {
        let lines = lines.map {
            #"{"sku":"\#($0.sku)","description":"ARTICLE \#($0.sku)","quantity":\#($0.quantity),"#
                + #""unitPrice":\#($0.unitPrice)}"#
        }
        return #"{"customer":null,"address":{"country":"France"},"lines":[\#(lines.joined(separator: ","))]}"#
    }

    /// A line of a file that `roost load` takes.
    var loadLine: String {
        #"{"command":"PlaceOrder","to":"\#(stream)","commandID":"\#(commandID)","data":\#(data)}"# + "\n"
    }

    /// The body of a request to the gateway.
    var body: String { #"{"command":"PlaceOrder","to":"\#(stream)","data":\#(data)}"# }
}

/// Orders drawn from a seed, every one under a number of its own.
struct SeededOrders: Sendable {
    private var random: SeededRandom
    private let prefix: String
    private var number = 0

    init(_ prefix: String, seed: UInt64 = Seed.current) {
        self.prefix = prefix
        random = SeededRandom(seed: seed)
    }

    mutating func next(_ count: Int) -> [TestOrder] { (0..<count).map { _ in next() } }

    mutating func next() -> TestOrder {
        number += 1
        let lines = (0..<Int.random(in: 1...3, using: &random)).map { _ in
            TestOrder.Line(
                sku: "S\(Int.random(in: 0..<40, using: &random))", quantity: Int.random(in: 1...9, using: &random),
                unitPrice: Int.random(in: 0...999, using: &random))
        }
        return TestOrder(stream: "order/\(prefix)-\(number)", commandID: "place-\(prefix)-\(number)", lines: lines)
    }
}

extension ClusterUnderTest {
    /// A file that `roost load` takes.
    func write(_ orders: [TestOrder], to name: String) throws -> String {
        let path = "\(files)/\(name).ndjson"
        try Data(orders.map(\.loadLine).joined().utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    /// Loads orders; all of them have to be accepted.
    func load(_ orders: [TestOrder], name: String) throws {
        let file = try write(orders, to: name)
        let report = try roost("load", file, "--json").expecting(0).document(LoadReport.self)
        guard report.accepted == orders.count, report.unsettled == 0 else {
            throw TestFailure("not every order of \(name) was accepted: \(report)")
        }
    }
}
