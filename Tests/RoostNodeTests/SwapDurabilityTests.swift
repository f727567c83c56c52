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
                let generation = try await rebuilder.run { _, _ in }.generation
                // An event comes between the rebuild and the swap, which so has a batch of its own.
                try await jars.fill([("a", 3)])
                try jars.apply(live)
                try live.close()
                // With somebody else at the file, to close it would sync nothing.
                let reader = try ReadOnlyDatabase(path: jars.files.path(generation: generation))
                _ = try reader.rows("SELECT count(*) FROM jars")
                await #expect(throws: (any Error).self) {
                    try await rebuilder.catchUpPastLive(generation: generation) { done, total in
                        // The batch is committed, and nothing of it synced.
                        if done == total { DiskFaults.apply([FaultSpec(.failingSync, process: "swap")]) }
                    }
                }
                DiskFaults.apply([])
                try await rebuilder.catchUpPastLive(generation: generation) { _, _ in }
                #expect(try reader.progress()[Jars.partition]?.position == Position(3))
            }
        }
    }
}
