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
            let jars = Jars()
            try jars.directory.write(toFile: note, atomically: true, encoding: .utf8)
            try await Self.swap(jars)
            kill(getpid(), SIGKILL)
        }
        let files = ProjectionFiles(directory: try String(contentsOfFile: note, encoding: .utf8))
        defer {
            for path in [note, files.directory] {
                #expect(throws: Never.self) { try FileManager.default.removeItem(atPath: path) }
            }
        }
        #expect(try files.current() == 2)
        let database = try ReadOnlyDatabase(path: files.currentPath())
        #expect(try database.progress()[Jars.partition]?.position == Position(3))
        let rows = try database.rows("SELECT grams, last FROM jars ORDER BY stream").rows
        #expect(rows == [[.integer(4), .integer(2)], [.integer(2), .integer(1)]])
    }

    /// An event comes between the rebuild and the swap, which so has a last batch of its own.
    private static func swap(_ jars: Jars) async throws {
        try jars.files.prepare()
        try await jars.fill([("a", 1), ("b", 2)])
        let live = try jars.store(Jars.Mended.self)
        try jars.apply(live)
        let rebuilder = try jars.rebuilder(Jars.Mended.self)
        let generation = try await rebuilder.run { _, _ in }.generation
        try await jars.fill([("a", 3)])
        try jars.apply(live)
        try live.close()
        // With somebody else at the file, to close it syncs nothing.
        let reader = try ReadOnlyDatabase(path: jars.files.path(generation: generation))
        let before = try reader.rows("SELECT count(*) FROM jars").rows
        try await rebuilder.catchUpPastLive(generation: generation) { _, _ in }
        try jars.files.activate(generation: generation)
        guard try reader.rows("SELECT count(*) FROM jars").rows == before else { throw CancellationError() }
    }
}
