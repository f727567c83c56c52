import RoostCore
import RoostLog
import RoostLogSQLite
import Testing

@Suite("The placement of a log")
struct PlacementTests {
    private func placement(_ categories: [String], _ others: [String], first: UInt32 = 2) -> Placement {
        Placement(groups: [
            .init(name: "carts", categories: categories, firstPartition: PartitionID(0), partitionCount: first),
            .init(name: "stock", categories: others, firstPartition: PartitionID(first), partitionCount: 3 - first),
        ])
    }

    private func make(_ placement: Placement) throws -> String {
        let path = LogOnDisk.newPath()
        _ = try SQLiteLog.create(at: path, identity: LogIdentity(id: LogID(bits: 7), placement: placement))
        return path
    }

    @Test("gains a category, which every later reader finds")
    func added() throws {
        let path = try make(placement(["cart"], ["stock"]))
        let wider = placement(["cart", "customer"], ["stock"])
        #expect(try SQLiteLog.open(at: path, placing: wider).identity.placement == wider)
        let reopened = try SQLiteLog.open(at: path)
        #expect(reopened.identity == LogIdentity(id: LogID(bits: 7), placement: wider))
    }

    @Test("loses and moves no category: the log says which, and stays as it was")
    func moved() throws {
        let before = placement(["cart"], ["stock"])
        let path = try make(before)
        let others = [
            placement(["stock"], ["cart"]), placement([], ["stock"]), placement(["cart"], ["stock"], first: 1),
        ]
        for other in others {
            let error = #expect(throws: EventLogError.self) { try SQLiteLog.open(at: path, placing: other) }
            #expect(error?.code == .mismatch)
            #expect(error?.message.contains("category 'cart'") == true)
        }
        #expect(try SQLiteLog.open(at: path).identity.placement == before)
    }
}
