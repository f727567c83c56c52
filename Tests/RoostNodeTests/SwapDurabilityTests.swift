import Foundation
import RoostCluster
import RoostCore
import RoostFaults
import Testing

@testable import RoostNode

@Suite("A rebuilt projection that is about to take the live one's place", .timeLimit(.minutes(1)))
struct SwapDurabilityTests {
    @Test("Case 4: A swap whose last batch cannot be synced is not done")
    func unsynced() async throws {
        // The disk is that of the whole process, so it has one of its own.
        await #expect(processExitsWith: .success) {
            try DiskFaults.register()
            try await Jars.with { jars in
                try await jars.fill([("a", 1), ("b", 2)])
                let live = try jars.store(Jars.Mended.self)
                try jars.apply(live)
                let rebuilder = try jars.rebuilder(Jars.Mended.self)
                let result = try await rebuilder.run { _, _ in }
                let generation = result.generation
                // An event comes between the rebuild and the swap, which so has a batch of its own.
                try await jars.fill([("a", 3)])
                try jars.apply(live)
                // With somebody else at the file, to close it would sync nothing.
                let reader = try ReadOnlyDatabase(path: jars.files.path(generation: generation))
                _ = try reader.rows("SELECT count(*) FROM jars")
                let desk = SwapDesk(projection: jars.directory)
                try desk.place(SwapOrder(result))
                var succession = try jars.succession(Jars.Mended.self)
                let vector = live.progress.mapValues(\.position)
                DiskFaults.apply([FaultSpec(.failingSync, process: "swap")])
                guard case .nothing = try succession.step(to: vector, closeLive: {}) else {
                    throw ReaderFailure("a swap is done whose last batch is not on disk")
                }
                #expect(try desk.order() == nil && desk.refusal()?.reason.contains("disk I/O error") == true)
                #expect(try jars.files.current() == 1)
                DiskFaults.apply([])
                try desk.place(SwapOrder(result))
                guard case .done(let successor) = try succession.step(to: vector, closeLive: live.close) else {
                    throw ReaderFailure("nothing keeps it from it any more")
                }
                #expect(try jars.files.current() == generation)
                #expect(try reader.progress()[Jars.partition]?.position == Position(3))
                try successor.close()
            }
        }
    }
}
