import RoostCore
import Testing

@testable import RoostCluster

@Suite("Owners of partitions")
struct PartitionOwnersTests {
    /// a-0 owns 0 and 1, a-1 owns 2 and 3, a-2 stands by.
    private func owners() throws -> PartitionOwners {
        let topology = try Topology.parse(
            """
            roost: 1
            name: owners
            log: {partitions: 4, placement: {all: {categories: [a], partitions: 0-3}}}
            processes:
              a: {role: aggregate, hosts: all, replicas: 2, failover: {standbys: 1}}
            """, file: "owners.yaml")
        return PartitionOwners(topology.instances)
    }

    private func ids(_ numbers: UInt32...) -> [PartitionID] { numbers.map { PartitionID($0) } }

    @Test("A standby owns nothing at first")
    func start() throws {
        let owners = try owners()
        #expect(owners.partitions(of: "a-0") == ids(0, 1) && owners.partitions(of: "a-1") == ids(2, 3))
        #expect(owners.partitions(of: "a-2").isEmpty && !owners.isOwner("a-2"))
    }

    @Test("What a lost instance had goes to those that have least")
    func spread() throws {
        var owners = try owners()
        #expect(owners.lose("a-0", to: ["a-1", "a-2"]) == ["a-2"])
        #expect(owners.partitions(of: "a-2") == ids(0, 1))
        #expect(owners.lose("a-2", to: ["a-0", "a-1"]) == ["a-0"])
        #expect(owners.lose("a-1", to: ["a-0"]) == ["a-0"])
        #expect(owners.partitions(of: "a-0") == ids(0, 1, 2, 3))
    }

    @Test("Without heirs the partitions wait for their owner")
    func noHeirs() throws {
        var owners = try owners()
        #expect(owners.lose("a-0", to: []).isEmpty)
        #expect(owners.partitions(of: "a-0") == ids(0, 1))
    }

    @Test("A partition that moves has no owner until the old one has let go")
    func move() throws {
        var owners = try owners()
        owners.move(PartitionID(1), to: "a-2")
        #expect(owners.partitions(of: "a-0") == ids(0) && owners.partitions(of: "a-2").isEmpty)
        #expect(owners.heard(from: "a-0", serving: ids(0, 1)).isEmpty)
        #expect(owners.heard(from: "a-1", serving: []).isEmpty, "another's silence says nothing")
        #expect(owners.heard(from: "a-0", serving: ids(0)) == ["a-2"])
        #expect(owners.partitions(of: "a-2") == ids(1))
    }

    @Test("A move back to the owner is off")
    func moveBack() throws {
        var owners = try owners()
        owners.move(PartitionID(1), to: "a-2")
        owners.move(PartitionID(1), to: "a-0")
        #expect(owners.partitions(of: "a-0") == ids(0, 1))
    }

    @Test("When the owner is lost while a partition moves, the target has it at once")
    func ownerLostWhileMoving() throws {
        var owners = try owners()
        owners.move(PartitionID(1), to: "a-1")
        #expect(owners.lose("a-0", to: ["a-1", "a-2"]) == ["a-1", "a-2"])
        #expect(owners.partitions(of: "a-1") == ids(1, 2, 3) && owners.partitions(of: "a-2") == ids(0))
    }

    @Test("When the target is lost while a partition moves, the owner keeps it")
    func targetLostWhileMoving() throws {
        var owners = try owners()
        owners.move(PartitionID(1), to: "a-2")
        #expect(owners.loseTarget("a-2") == ["a-0"])
        #expect(owners.partitions(of: "a-0") == ids(0, 1))
    }
}
