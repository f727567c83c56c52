import Foundation
import RoostCore
import RoostLog
import RoostLogSQLite
import RoostNode
import RoostZeroMQ
import Synchronization
import Testing

extension ProcessTests {
    @Suite("Failover", .serialized, .timeLimit(.minutes(5)))
    struct FailoverTests {
        private static let moments = 12

        @Test("What killed writers owned is served by others, nothing is lost or doubled, and nobody else restarts")
        func kills() throws {
            try ClusterUnderTest.with(.failover()) { cluster in
                var victims: [String: Int] = [:]
                let orders = try OrderFlow.loading(cluster).during("failover") {
                    for moment in 0..<Self.moments {
                        try cluster.waitForNewEvents(20 + moment)
                        let owner = try Self.waitUntilServed(cluster, moment % 3 == 2 ? "stock" : "orders")
                        try #require(kill(try #require(owner.pid), SIGKILL) == 0)
                        victims[owner.name, default: 0] += 1
                        try eventually("others serve \(owner.partitions)") {
                            try Self.served(cluster, besides: owner.name).isSuperset(of: owner.partitions)
                        }
                    }
                }
                for process in try cluster.ps().processes {
                    #expect(process.restarts == victims[process.name, default: 0], "\(process)")
                }
                try cluster.expectNothingLostNothingTwice(orders)
                try Self.expectEpochsInOrder(cluster)
            }
        }

        @Test("A writer that stands still is killed and replaced, and comes back to stand by")
        func stalled() throws {
            try ClusterUnderTest.with(.failover()) { cluster in
                let orders = try OrderFlow.loading(cluster).during("stalled") {
                    try cluster.waitForNewEvents(30)
                    let owner = try cluster.process("orders-0")
                    try #require(kill(try #require(owner.pid), SIGSTOP) == 0)
                    let back = try cluster.wait("back without partitions", for: "orders-0") {
                        $0.restarts == 1 && $0.ready
                    }
                    #expect(back.partitions.isEmpty && back.lastExit?.signal == SIGKILL, "\(back)")
                    try cluster.waitForNewEvents(30)
                }
                try cluster.expectNothingLostNothingTwice(orders)
            }
        }

        @Test("A writer that is replaced but not killed is refused at intake, at append and by every subscriber")
        func zombie() throws {
            try withTemporaryDirectory { directory in
                // Commands are decided, and the next thing it does is to append their events. It owns one partition: of
                // several, another one might be in the middle of a transaction, and then nobody could claim that.
                let marker = directory + "/reached"
                let failpoint = "\(Failpoint.beforeCommit.rawValue)@30.stop:\(marker)"
                let topology = try TestTopology.failover(
                    killsStalled: false, environment: ["stock": ["ROOST_FAILPOINT": failpoint]])
                try ClusterUnderTest.with(topology) { cluster in
                    let orders = try OrderFlow.loading(cluster).during("zombie") {
                        try eventually("a writer stands still") { FileManager.default.fileExists(atPath: marker) }
                        try Self.resumeReplaced(cluster)
                        try cluster.waitForNewEvents(30)
                    }
                    try cluster.expectNothingLostNothingTwice(orders)
                    try Self.expectEpochsInOrder(cluster)
                }
            }
        }

        /// Continues the writer that stands still once another one has its partitions, and sees it refused.
        private static func resumeReplaced(_ cluster: ClusterUnderTest) throws {
            var found: PsReport.Process?
            try eventually("a writer has come to a stand") {
                found = try cluster.ps().processes.first { $0.role == "aggregate" && isStopped($0.pid) }
                return found != nil
            }
            let zombie = try #require(found)
            let pid = try #require(zombie.pid)
            defer { kill(pid, SIGCONT) }
            try eventually("others serve \(zombie.partitions)") {
                try served(cluster, besides: zombie.name).isSuperset(of: zombie.partitions)
            }
            let stray = try StrayCommand(cluster, to: zombie.endpoints[0], zombie.partitions[0])
            try #require(kill(pid, SIGCONT) == 0)
            let (answers, outcome) = stray.finish()
            #expect(answers > 0 && outcome != .accepted, "\(answers) answers, \(String(describing: outcome))")
            try cluster.wait("stands by", for: zombie.name) { $0.ready && $0.partitions.isEmpty }
            try cluster.wait("says that its append was refused", for: zombie.name) {
                $0.counters["refused.fenced", default: 0] > 0
            }
            #expect(try cluster.process(zombie.name).restarts == 0, "it lost its partition, and goes on without")
            try expectStaleRefused(cluster)
        }

        private static func isStopped(_ pid: Int32?) -> Bool {
            guard let pid, let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else {
                return false
            }
            return stat.split(separator: ")").last?.hasPrefix(" T") == true
        }

        private struct Moved: Document {
            static let schemaName = "roost.moved/1"
            let schema: String
            let partition: UInt32
            let owner: String
        }

        @Test("ps says in words and in JSON who serves what, and move where it went")
        func owners() throws {
            try ClusterUnderTest.with(.failover()) { cluster in
                let before = try cluster.roost("ps").expecting(0).output
                #expect(before.contains("partitions  orders-0 0-2  orders-1 3-5  stock-0 6  stock-1 7\n"), "\(before)")
                #expect(!before.contains("fault"))
                let moved = try cluster.roost("move", "1", "--to", "orders-2", "--json").expecting(0)
                    .document(Moved.self)
                #expect(moved.partition == 1 && moved.owner == "orders-2")
                let after = try cluster.roost("ps").expecting(0).output
                #expect(after.contains("partitions  orders-0 0,2  orders-1 3-5  orders-2 1  stock-0 6"), "\(after)")
                #expect(try cluster.process("orders-2").partitions == [1])
                let refused = try cluster.roost("move", "77", "--to", "orders-0").expecting(4).errors
                #expect(refused.contains("next: roost ps"), "\(refused)")
            }
        }

        @Test("Moving partitions under load loses no command, doubles none and refuses none")
        func moves() throws {
            try ClusterUnderTest.with(.failover()) { cluster in
                let orders = try OrderFlow.loading(cluster).during("moves") {
                    for move in 0..<Self.moments {
                        try cluster.waitForNewEvents(10)
                        let (partition, target) = (move % 6, "orders-\((move + 1) % 3)")
                        try cluster.roost("move", "\(partition)", "--to", target).expecting(0)
                        #expect(try cluster.process(target).partitions.contains(UInt32(partition)))
                    }
                }
                #expect(try cluster.ps().processes.allSatisfy { $0.restarts == 0 })
                try cluster.expectNothingLostNothingTwice(orders)
                let refused = try cluster.roost("move", "6", "--to", "orders-0").expecting(64)
                #expect(refused.errors.contains("does not host"), "\(refused)")
                try cluster.roost("move", "77", "--to", "orders-0").expecting(4)
            }
        }

        // MARK: - Looking

        /// What others than `name` serve.
        private static func served(_ cluster: ClusterUnderTest, besides name: String) throws -> Set<UInt32> {
            let others = try cluster.ps().processes.filter { $0.name != name }
            return Set(others.map(\.partitions).joined())
        }

        /// An instance that owns something, once every partition of its process is served and somebody can take over.
        private static func waitUntilServed(_ cluster: ClusterUnderTest, _ process: String) throws -> PsReport.Process {
            var found: PsReport.Process?
            try eventually("every partition of \(process) is served") {
                let instances = try cluster.ps().processes.filter { $0.name.hasPrefix(process + "-") }
                let served = Array(instances.map(\.partitions).joined())
                found = instances.first { !$0.partitions.isEmpty }
                return instances.allSatisfy(\.ready) && Set(served).count == (process == "orders" ? 6 : 2)
            }
            return try #require(found)
        }

        /// No commit of an epoch follows one of a later epoch: what a former owner sent after its time was not stored.
        private static func expectEpochsInOrder(_ cluster: ClusterUnderTest) throws {
            let log = try SQLiteLog.open(at: cluster.directory + "/log")
            var changes = 0
            for partition in log.identity.placement.partitions {
                let reader = try log.reader(partition)
                var last: (position: Position, epoch: Epoch) = (.start, .none)
                while case let page = try reader.events(after: last.position, limit: 10_000), !page.isEmpty {
                    for event in page {
                        try #require(event.epoch >= last.epoch, "partition \(partition): \(event.position)")
                        changes += event.epoch > last.epoch ? 1 : 0
                        last = (event.position, event.epoch)
                    }
                }
            }
            #expect(changes > log.identity.placement.partitions.count, "no partition was ever under a second epoch")
        }

        /// Every reader heard the former owner's heartbeats after the new owner's, and passed them over.
        private static func expectStaleRefused(_ cluster: ClusterUnderTest) throws {
            for process in try cluster.ps().processes where process.role == "projection" || process.role == "reactor" {
                let refused =
                    process.counters["refused.staleEpoch", default: 0] + process.counters["refusedStale", default: 0]
                #expect(refused > 0, "\(process)")
            }
        }
    }
}

/// A command on its way to a process that owned its partition once, under the epoch of the owner of today.
private final class StrayCommand: Sendable {
    private let client: CommandClient
    private let thread = SocketThread(name: "stray")
    private let outcome = Mutex<CommandOutcome?>(nil)
    private let done = DispatchSemaphore(value: 0)

    init(_ cluster: ClusterUnderTest, to endpoint: String, _ partition: UInt32) throws {
        let log = try SQLiteLog.open(at: cluster.directory + "/log")
        let partition = PartitionID(partition)
        let epoch = try #require(try log.reader(partition).claim()).epoch
        let stream = try #require(
            try (0..<100).map { try StreamName("stock/stray-\(epoch.rawValue)-\($0)") }
                .first { log.identity.placement.partition(of: $0) == partition })
        let clock = ThreadClock(thread: thread)
        client = CommandClient(thread: thread, logID: log.identity.id, clock: clock) { _ in
            CommandAnswer.Route(epoch: epoch, endpoint: endpoint)
        }
        let request = CommandRequest(
            partition: partition, deadline: clock.now + .seconds(2), stream: stream, command: "ReceiveStock",
            commandID: try CommandID(stream.description), payload: Bytes(#"{"quantity":1}"#))
        Task.detached { [self] in
            let answers = await client.send([request])
            await client.stop()
            outcome.withLock { $0 = answers.first?.outcome }
            done.signal()
        }
    }

    /// How many answers came, and what the last one said.
    func finish() -> (answers: UInt64, outcome: CommandOutcome?) {
        done.wait()
        defer { thread.shutdown() }
        return (client.counters.records, outcome.withLock { $0 })
    }
}
