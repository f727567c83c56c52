import Foundation
import RoostCore
import RoostNode
import Testing

extension ProcessTests {
    @Suite("Failpoints", .serialized, .timeLimit(.minutes(3)))
    struct FailpointTests {
        @Test(
            "A process that ends at this very moment loses nothing and does nothing twice",
            arguments: Failpoint.allCases.filter { process(of: $0) != nil })
        func ends(at failpoint: Failpoint) throws {
            try withTemporaryDirectory { directory in
                let marker = directory + "/reached"
                var random = SeededRandom(seed: Seed.current)
                let setting = "\(failpoint.rawValue)@\(Int.random(in: 1...6, using: &random)):\(marker)"
                let process = try #require(Self.process(of: failpoint))
                let topology = try TestTopology.shop(environment: [process: ["ROOST_FAILPOINT": setting]])
                try ClusterUnderTest.with(topology) { cluster in
                    let orders = try OrderFlow.loading(cluster).during("failpoint") {
                        try eventually("\(setting) reached") { FileManager.default.fileExists(atPath: marker) }
                        try eventually("\(process) is back") { try Self.isBack(process, cluster) }
                    }
                    try cluster.expectNothingLostNothingTwice(orders)
                }
            }
        }

        /// One replica of the process was killed, once, and all are ready.
        private static func isBack(_ name: String, _ cluster: ClusterUnderTest) throws -> Bool {
            let replicas = try cluster.ps().processes.filter { $0.name == name || $0.name.hasPrefix(name + "-") }
            let killed = replicas.filter { $0.lastExit?.signal == SIGKILL }
            return killed.count == 1 && killed[0].restarts == 1 && replicas.allSatisfy(\.ready)
        }

        /// nil for one that a test of its own reaches.
        private static func process(of failpoint: Failpoint) -> String? {
            switch failpoint {
            case .beforeCommit, .afterCommit, .beforeAnswer: "orders"
            case .beforeProjectionCommit, .afterProjectionCommit: "dashboard"
            case .beforeReactorCheckpoint: "fulfilment"
            case .beforeSnapshotCommit, .afterSnapshotCommit: "stock"
            case .beforeSync, .afterRebuildBatch, .beforeSwap, .afterSwap, .beforeTimerCommand, .afterTimerCommand,
                .afterErasureBegan,
                .afterErasureCleaned,
                .beforeKeysDestroyed, .whileKeysDestroyed, .afterKeysDestroyed,
                .afterArchiveStored, .beforeArchiveOrder, .afterArchiveOrder, .whileArchivedRowsGo,
                .beforeBackupRename, .beforeRestore, .afterRestoreDecision,
                .betweenRestoreMoves:
                nil
            }
        }
    }
}
