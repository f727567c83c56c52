package import RoostCore
import RoostLog
package import RoostNode
package import RoostSim
import Shop

/// Some orders through a simulated shop: two writers, the reactor and three projections, with a lossy bus and a lossy
/// network.
package struct ShopScenario {
    /// What two runs are compared by.
    package struct Report: Equatable {
        package let isQuiet: Bool
        package let failures: [String]
        package let history: UInt64
        /// Digest of every partition's newest commit.
        package let log: String
        package let roots: [String]
        /// The same, of projections folded from the finished log.
        package let refolded: [String]
        package let events: [String: UInt64]
    }

    /// Reads the events of the shop in every version.
    package static var codec: PayloadCodec { get throws { .json(try UpcasterChain(ShopDomain.domain)) } }

    private let seed: UInt64
    private let faults: SimulatedCluster.Faults

    package static let placement = Placement(groups: [
        .init(name: "orders", categories: ["order", "customer"], firstPartition: PartitionID(0), partitionCount: 1),
        .init(name: "stock", categories: ["stock"], firstPartition: PartitionID(1), partitionCount: 1),
    ])

    package static let lossy: SimulatedCluster.Faults = {
        var faults = SimulatedCluster.Faults()
        faults.bus = .init(lostPercent: 30, repeatedPercent: 20)
        faults.lostCommandsPercent = 10
        return faults
    }()

    package init(seed: UInt64, faults: SimulatedCluster.Faults = Self.lossy) {
        self.seed = seed
        self.faults = faults
    }

    package func run() throws -> Report {
        let cluster = SimulatedCluster(
            seed: seed, domain: ShopDomain.domain, placement: Self.placement, codec: try Self.codec, faults: faults)
        try cluster.start()
        cluster.send(try Self.commands())
        let isQuiet = try cluster.runUntilQuiet()
        let readers = try Self.placement.partitions.map { try cluster.log.reader($0) }
        var events: [String: UInt64] = [:]
        for reader in readers {
            events.merge(try reader.counts(through: try reader.head().position)) { $0 + $1 }
        }
        return Report(
            isQuiet: isQuiet, failures: cluster.failures, history: cluster.simulation.history,
            log: try readers.map { Hexadecimal.text(try $0.head().digest) }.joined(separator: " "),
            roots: Self.text(cluster.roots()), refolded: Self.text(try Self.refold(readers, cluster.log.identity)),
            events: events)
    }

    private static func text(_ roots: [String: [UInt8]]) -> [String] {
        roots.sorted { $0.key < $1.key }.map { "\($0.key) \(Hexadecimal.text($0.value))" }
    }

    /// Every projection made again, one partition after the other.
    private static func refold(
        _ readers: [any PartitionReader], _ log: LogIdentity
    ) throws -> [String: [UInt8]] {
        var roots: [String: [UInt8]] = [:]
        for projection in ShopDomain.domain.projections {
            let store = try ProjectionStore(projection, path: nil, logID: log.id, codec: codec, parking: nil)
            for reader in readers {
                try store.transaction {
                    try store.apply(try reader.events(after: .start, limit: 10_000), of: reader.partition)
                }
            }
            roots[projection.name] = try store.root()
            try store.close()
        }
        return roots
    }

    /// Six orders of two lines each; the first also asks for the same article twice.
    private static func commands() throws -> [CommandRequest] {
        try (1...6).map { number in
            let lines = ["A\(number % 3)", number == 1 ? "A1" : "B"].map {
                #"{"sku":"\#($0)","description":"ARTICLE \#($0)","quantity":\#(number),"unitPrice":255}"#
            }
            let stream = try StreamName("order/\(number)")
            return CommandRequest(
                partition: placement.partition(of: stream) ?? PartitionID(0), deadline: Timestamp(seconds: 0),
                stream: stream, command: "PlaceOrder", commandID: try CommandID("place-\(number)"),
                occurred: Timestamp(seconds: 1_291_190_400 + Int64(number)),
                payload: Bytes(
                    #"{"customer":null,"address":{"country":"United Kingdom"},"lines":[\#(lines.joined(separator: ","))]}"#
                ))
        }
    }
}
