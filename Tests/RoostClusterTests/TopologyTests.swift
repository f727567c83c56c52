import Foundation
import RoostCore
import Testing

@testable import RoostCluster

@Suite("Topology")
struct TopologyTests {
    @Test("shop.yaml gives two writers for orders and one for stock, with every partition owned once")
    func shop() throws {
        let topology = try Topology.load(file: Repository.file("topology/shop.yaml"))
        #expect(topology.name == "shop")
        #expect(topology.partitionCount == 8)
        let owned = topology.instances.filter { $0.role == .aggregate }.map { ($0.name, $0.partitions.map(\.rawValue)) }
        #expect(owned.map(\.0) == ["orders-0", "orders-1", "stock-0"])
        #expect(owned.map(\.1) == [[0, 1, 2], [3, 4, 5], [6, 7]])
        let others = topology.instances.filter { $0.role != .aggregate }.map(\.name)
        #expect(
            others == ["fulfilment", "dashboard", "analytics", "search", "traces", "partners", "replay", "gateway"])
    }

    @Test("tiny.yaml has one writer that hosts every category")
    func tiny() throws {
        let topology = try Topology.load(file: Repository.file("topology/tiny.yaml"))
        let writers = topology.instances.filter { $0.role == .aggregate }
        #expect(writers.map(\.name) == ["writer-0"])
        #expect(writers.map(\.process.categories) == [["order", "customer", "stock"]])
        #expect(writers.map(\.partitions) == [[PartitionID(0)]])
    }

    @Test("A process name stands for all its replicas, an instance name for itself")
    func names() throws {
        let topology = try Topology.load(file: Repository.file("topology/shop.yaml"))
        #expect(topology.instances(named: "orders").map(\.name) == ["orders-0", "orders-1"])
        #expect(topology.instances(named: "orders-1").map(\.name) == ["orders-1"])
        #expect(topology.instances(named: "nobody").isEmpty)
    }

    @Test("Partitions are divided evenly and without holes, whatever the number of replicas", arguments: 1...7)
    func division(_ replicas: Int) throws {
        let text = TopologyText.minimal.replacing("hosts: all", with: "hosts: all, replicas: \(replicas)")
        let topology = try Topology.parse(
            text.replacing("partitions: 1", with: "partitions: 7")
                .replacing("partitions: 0", with: "partitions: 0-6"), file: "t.yaml")
        let parts = topology.instances.map { $0.partitions.map(\.rawValue) }
        #expect(parts.flatMap { $0 } == Array(0..<7))
        let sizes = parts.map(\.count)
        #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
        #expect(sizes.allSatisfy { $0 > 0 })
    }

    @Test("Every setting of a process arrives")
    func settings() throws {
        let text = """
            roost: 1
            name: all
            x-note: free
            x-calm: &calm {when: always, max: 3, within: 2m, backoff: 250ms..10s}
            log: {partitions: 2, placement: {all: {categories: a, partitions: 0-1, x-why: free}, x-more: 1}}
            bus: {transport: ipc, sendHighWater: 5, receiveHighWater: 1, x-bus: [1]}
            processes:
              x-none: {}
              first: {role: aggregate, hosts: a, partitions: 0, env: {LEVEL: debug, PORT: 7420}, restart: *calm}
              second: {role: aggregate, hosts: [all], partitions: 1-1, stop: {grace: 1500ms}}
            """
        let topology = try Topology.parse(text, file: "t.yaml")
        #expect(topology.bus == BusSettings(sendHighWater: 5, receiveHighWater: 1))
        let first = topology.processes[0]
        #expect(first.environment == ["LEVEL": "debug", "PORT": "7420"])
        #expect(first.restart.when == .always && first.restart.max == 3 && first.restart.within == .seconds(120))
        #expect(first.restart.backoff == .milliseconds(250) ... .seconds(10))
        #expect(first.partitions == [PartitionID(0)] && topology.processes[1].partitions == [PartitionID(1)])
        #expect(topology.processes[1].stopGrace == .milliseconds(1500))
        #expect(topology.processes.map(\.name) == ["first", "second"])
    }

    @Test("What the application lacks and what the topology forgets are both named")
    func domain() throws {
        let topology = try Topology.load(file: Repository.file("topology/shop.yaml"))
        let known = Topology.KnownNames(
            categories: ["order", "customer", "parcel"], reactors: ["fulfilment"],
            projections: ["dashboard", "analytics", "searches", "traces"], feeds: ["partners"])
        let error = #expect(throws: TopologyError.self) { try topology.check(against: known) }
        let problems = try #require(error).problems
        #expect(problems.count == 3)
        #expect(problems.contains { $0.message.contains("'parcel' has no place") })
        #expect(problems.contains { $0.line == 11 && $0.message.contains("category 'stock'") })
        #expect(problems.contains { $0.message.contains("no projection 'search'") && $0.suggestion == "searches" })
    }

    @Test("A projection of the name that Roost needs itself is refused")
    func reservedName() throws {
        let topology = try Topology.load(file: Repository.file("topology/shop.yaml"))
        let known = Topology.KnownNames(
            categories: ["order", "customer", "stock"], reactors: ["fulfilment"],
            projections: ["dashboard", "analytics", "search", "traces", "traces"], feeds: ["partners"])
        let error = #expect(throws: TopologyError.self) { try topology.check(against: known) }
        #expect(
            error?.problems.map(\.message) == [
                "the application has a projection 'traces', which is Roost's own; rename it"
            ])
    }

    @Test("A complete application is accepted")
    func completeDomain() throws {
        let topology = try Topology.load(file: Repository.file("topology/shop.yaml"))
        let known = Topology.KnownNames(
            categories: ["order", "customer", "stock"], reactors: ["fulfilment"],
            projections: ["dashboard", "analytics", "search", "traces"], feeds: ["partners"])
        try topology.check(against: known)
    }
}

enum TopologyText {
    static let minimal = """
        roost: 1
        name: minimal
        log: {partitions: 1, placement: {all: {categories: [a], partitions: 0}}}
        processes:
          writer: {role: aggregate, hosts: all}
        """
}

enum Repository {
    /// The path of a file of this repository.
    static func file(_ path: String) -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent(path).path
    }
}
