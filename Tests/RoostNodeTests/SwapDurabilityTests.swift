import Foundation
import RoostCluster
import RoostCore
import RoostFaults
import RoostLog
import Testing

@testable import RoostNode

@Suite("A rebuilt projection that has taken the live one's place", .timeLimit(.minutes(1)))
struct SwapDurabilityTests {
    @Test("Case 4: A swap that is done has its last batch although the power fails at that moment")
    func powerFails() async throws {
        let note = FileManager.default.temporaryDirectory.appendingPathComponent("swap-\(UUID())").path
        await #expect(processExitsWith: .signal(SIGKILL)) { [note = note as String] in
            // What SQLite did not sync dies with this process.
            try DiskFaults.register()
            DiskFaults.apply([FaultSpec(.lostWrites, process: "swap")])
            try await RebuilderTests.withLive(orders: 8) { rebuilder, files in
                try files.directory.write(toFile: note, atomically: true, encoding: .utf8)
                let result = try await rebuilder.run { _, _ in }
                try await rebuilder.catchUpPastLive(generation: result.generation) { _, _ in }
                try files.activate(generation: result.generation)
                kill(getpid(), SIGKILL)
            }
        }
        let files = ProjectionFiles(directory: try String(contentsOfFile: note, encoding: .utf8))
        defer {
            for path in [note, files.directory] {
                #expect(throws: Never.self) { try FileManager.default.removeItem(atPath: path) }
            }
        }
        #expect(try files.current() == 2)
        let database = try ReadOnlyDatabase(path: files.currentPath())
        #expect(try database.progress().values.reduce(0) { $0 + $1.position.rawValue } == 32)
        #expect(try database.rows("SELECT count(*) FROM orders").rows == [[.integer(8)]])
    }
}
