import Foundation
import RoostCore
import RoostLog
import RoostNode
import RoostSim
import RoostTesting
import Shop
import ShopScenario
import Synchronization
import Testing

@Suite("A reactor that begins at the head", .timeLimit(.minutes(1)))
struct ReactorStartTests {
    private enum FromHead: Reactor {
        static let name = "from-head"
        static let start = ReactorStart.head
        static let routes: [ReactorRoute] = [
            .on("SampleHappened") { event in [FollowUp(ShipOrder(again: false), to: event.stream)] }
        ]
    }

    @Test("Skips nothing that came after its first start, also when there was nothing yet")
    func skipsNothing() async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("reactor-\(UUID()).db").path
        defer { for end in ["", "-wal", "-shm"] { unlink(path + end) } }
        let log = MemoryLog(identity: LogIdentity(id: LogID(bits: 7), placement: ShopScenario.placement))
        #expect(try await Self.run(log, path) == [])

        let stream = try StreamName("order/1")
        let partition = try #require(ShopScenario.placement.partition(of: stream))
        let writer = try await log.claim(partition, .sample())
        _ = try await writer.append(
            [
                Proposal(
                    CommandContext(
                        stream: stream, commandID: try CommandID("c"), fingerprint: 0,
                        correlationID: CorrelationID(bits: 1)),
                    expected: .any,
                    events: [
                        NewEvent(
                            eventID: EventID(bits: 1), type: "SampleHappened", payload: Bytes("{}"),
                            occurred: Timestamp(seconds: 1))
                    ])
            ], at: Timestamp(seconds: 1))
        #expect(try await Self.run(log, path) == ["order/1"])
    }

    @Test("Counts what it was not there for as discarded, so that law 5 balances")
    func discards() async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("reactor-\(UUID()).db").path
        defer { for end in ["", "-wal", "-shm"] { unlink(path + end) } }
        let log = MemoryLog(identity: LogIdentity(id: LogID(bits: 7), placement: ShopScenario.placement))
        let stream = try StreamName("order/1")
        let partition = try #require(ShopScenario.placement.partition(of: stream))
        let writer = try await log.claim(partition, .sample())
        _ = try await writer.append(
            [.sample(to: "order/1", command: "a", events: 3), .sample(to: "order/1", command: "b", type: "Other")],
            at: Timestamp(seconds: 1))
        #expect(try await Self.run(log, path) == [])
        let store = try ReactorStore(name: FromHead.name, path: path, logID: log.identity.id)
        let progress = try #require(store.progress[partition])
        #expect(progress.position == Position(4) && progress.applied == 0 && progress.discarded == 3)
        try store.close()
    }

    @Test("Given another route, counts what it had passed without it as discarded, so that law 5 balances")
    func changedRoutes() async throws {
        let log = MemoryLog(identity: LogIdentity(id: LogID(bits: 7), placement: ShopScenario.placement))
        let writer = try await log.claim(PartitionID(0), .sample())
        for (number, type) in ["SampleHappened", "Other", "SampleHappened"].enumerated() {
            _ = try await writer.append(
                [.sample(to: "order/1", command: "\(number)", type: type)], at: Timestamp(seconds: 1))
        }
        await writer.close()
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("reactor-\(UUID()).db").path
        defer { for end in ["", "-wal", "-shm"] { unlink(path + end) } }
        let before = try ReactorStore(name: FromHead.name, path: path, logID: log.identity.id)
        let head = try log.reader(PartitionID(0)).head()
        let passed = Progress(position: head.position, epoch: head.epoch, digest: head.digest, applied: 1)
        try before.save(passed, of: PartitionID(0), countedBy: ["Other"])
        try before.close()
        #expect(try await Self.run(log, path).isEmpty)
        let store = try ReactorStore(name: FromHead.name, path: path, logID: log.identity.id)
        let progress = try #require(store.progress[PartitionID(0)])
        #expect(progress.applied == 1 && progress.discarded == 1 && progress.position == head.position)
        try store.close()
    }

    private enum Twice: Reactor {
        static let name = "twice"
        static let start = ReactorStart.beginning
        static let routes: [ReactorRoute] = Array(repeating: .on("SampleHappened") { _ in [] }, count: 2)
    }

    @Test("Refuses two routes for one type, of which one would never run")
    func twoRoutes() throws {
        let executors = ThreadExecutors(name: "reactor")
        defer { executors.shutdown() }
        let log = MemoryLog(identity: LogIdentity(id: LogID(bits: 7), placement: ShopScenario.placement))
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("reactor-\(UUID()).db").path
        defer { for end in ["", "-wal", "-shm"] { unlink(path + end) } }
        #expect(throws: ReaderFailure.self) {
            _ = try ReactorRunner(
                Twice.self, store: try ReactorStore(name: Twice.name, path: path, logID: log.identity.id),
                feed: Feed(logID: log.identity.id), log: log.identity, readers: [],
                sender: Recorder(), codec: .json, clock: ThreadClock(thread: executors.work),
                status: ReaderStatus(name: Twice.name), lane: executors.logLane("reactor"))
        }
    }

    /// One life of the process: until nothing is left to do. Returns the streams it sent commands to.
    private static func run(_ log: MemoryLog, _ path: String) async throws -> [String] {
        let executors = ThreadExecutors(name: "reactor")
        defer { executors.shutdown() }
        let sent = Recorder()
        let feed = Feed(logID: log.identity.id)
        let status = ReaderStatus(name: FromHead.name)
        let runner = try ReactorRunner(
            FromHead.self, store: try ReactorStore(name: FromHead.name, path: path, logID: log.identity.id),
            feed: feed, log: log.identity,
            readers: try ShopScenario.placement.partitions.map { try log.reader($0) }, sender: sent, codec: .json,
            clock: ThreadClock(thread: executors.work), status: status, lane: executors.logLane("reactor"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await runner.run() }
            while status.report.state != .live {
                try await ThreadClock(thread: executors.work).sleep(for: .milliseconds(2))
            }
            feed.close()
            try await group.waitForAll()
        }
        return sent.streams.withLock { $0 }
    }
}

/// Accepts every command and remembers where it went.
private final class Recorder: CommandSender {
    let streams = Mutex<[String]>([])

    func send(_ requests: [CommandRequest]) async -> [CommandAnswer] {
        streams.withLock { $0 += requests.map(\.stream.description) }
        return requests.map { $0.answer(.accepted) }
    }
}
