import Foundation
import RoostCore
import RoostLog
import RoostSim
import RoostTesting
import RoostZeroMQ
import Shop
import ShopScenario
import Synchronization
import Testing

@testable import RoostNode

@Suite("Timers", .timeLimit(.minutes(1)))
struct TimerTests {
    /// `Busy` sends a command to its stream; nobody ever takes those to `order/stuck`. `Set` sets a timer of 30 minutes for its stream, `Cancelled` cancels it, `Now` sets one for a time long past.
    private enum Patient: Reactor {
        static let name = "patient"
        static let start = ReactorStart.beginning
        static let routes: [ReactorRoute] = [
            .on("Set") { event in
                [FollowUp(ExpireOrder(), to: event.stream, .after(.seconds(1800)), timer: "wait")]
            },
            .on("Cancelled") { event in [.cancel(timer: "wait", of: event.stream)] },
            .on("Busy") { event in [FollowUp(ShipOrder(again: false), to: event.stream)] },
            .on("Now") { event in
                [FollowUp(ExpireOrder(), to: event.stream, .at(Timestamp(seconds: 1)), timer: "wait")]
            },
        ]
    }

    private static let start = Timestamp(seconds: 1_700_000_000)

    private final class Bench: Sendable {
        let log = MemoryLog(identity: LogIdentity(id: LogID(bits: 7), placement: ShopScenario.placement))
        let clock = TestClock()
        let sender = Owner()
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("timers-\(UUID()).db").path

        deinit { for end in ["", "-wal", "-shm"] { unlink(path + end) } }

        /// Stores an event at the clock's time.
        func record(_ type: String, in stream: String = "order/1", _ command: String) async throws -> EventID {
            let writer = try await log.claim(PartitionID(0), .sample())
            let proposal = Proposal.sample(to: stream, command: command, type: type, depth: 3)
            _ = try await writer.append([proposal], at: clock.now)
            await writer.close()
            return proposal.events[0].eventID
        }

        /// One life of the reactor's process, which ends when `body` does.
        func live(isCaughtUp: Bool = true, _ body: (Feed) async throws -> Void) async throws {
            var limits = ReactorRunner.Limits()
            limits.windowMax = 1
            let executors = ThreadExecutors(name: "reactor")
            defer { executors.shutdown() }
            let feed = Feed(logID: log.identity.id)
            let status = ReaderStatus(name: Patient.name)
            let runner = try ReactorRunner(
                Patient.self, store: try ReactorStore(name: Patient.name, path: path, logID: log.identity.id),
                feed: feed, log: log.identity,
                readers: try ShopScenario.placement.partitions.map { try log.reader($0) }, sender: sender,
                codec: .json, clock: clock, status: status, lane: executors.logLane("reactor"), limits: limits)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await runner.run() }
                while isCaughtUp, status.report.state != .live { try await Task.sleep(for: .milliseconds(1)) }
                try await body(feed)
                feed.close()
                try await group.waitForAll()
            }
        }

        /// Lets the reactor look around some times.
        func settle(_ feed: Feed) async throws {
            for _ in 0..<10 {
                feed.tick()
                try await Task.sleep(for: .milliseconds(2))
            }
        }

        func pending() throws -> [PendingTimer] {
            let store = try ReactorStore(name: Patient.name, path: path, logID: log.identity.id)
            defer { #expect(throws: Never.self) { try store.close() } }
            return try store.timers(
                due: Timestamp(nanoseconds: .max), to: PartitionID(0), from: PartitionID(0), limit: 100)
        }
    }

    /// A clock that stands until it is moved.
    private final class TestClock: NodeClock {
        private let time = Mutex(TimerTests.start)
        var now: Timestamp { time.withLock { $0 } }
        func advance(_ duration: Duration) { time.withLock { $0 = $0 + duration } }
        func sleep(for duration: Duration) async throws { try await Task.sleep(for: .milliseconds(1)) }
    }

    /// Whoever decides commands: away for as long as `isAway`.
    private final class Owner: CommandSender {
        let requests = Mutex<[CommandRequest]>([])
        let isAway = Atomic(false)

        func send(_ requests: [CommandRequest]) async -> [CommandAnswer] {
            self.requests.withLock { $0 += requests }
            let isAway = isAway.load(ordering: .relaxed)
            return requests.map {
                $0.answer(isAway || $0.stream.description == "order/stuck" ? .unavailable : .accepted)
            }
        }

        var ids: [String] { requests.withLock { $0.map(\.commandID.description) } }
    }

    @Test("Not before its moment, once after it, with the event that set it as cause, in the same chain")
    func once() async throws {
        let bench = Bench()
        let event = try await bench.record("Set", "1")
        try await bench.live { feed in
            try await bench.settle(feed)
            bench.clock.advance(.seconds(1799))
            try await bench.settle(feed)
            #expect(bench.sender.ids.isEmpty)
            bench.clock.advance(.seconds(2))
            for _ in 0..<3 { try await bench.settle(feed) }
        }
        let sent = try #require(bench.sender.requests.withLock { $0 }.first)
        #expect(bench.sender.ids.count == 1 && sent.causationID == event && sent.depth == 4)
        #expect(sent.commandID == CommandID(derivedFrom: event, part: 0, reactor: "patient", index: 0))
        let stored = try bench.log.reader(PartitionID(0)).events(after: .start, limit: 1)[0]
        #expect(sent.correlationID == stored.correlationID && sent.command == "ExpireOrder")
        #expect(try bench.pending().isEmpty)
    }

    @Test("An event that cancels it before it is due wins, also when the reactor sees both only afterwards")
    func cancelled() async throws {
        let bench = Bench()
        _ = try await bench.record("Set", "1")
        try await bench.live { try await bench.settle($0) }
        #expect(try bench.pending().map(\.name) == ["wait"])
        bench.clock.advance(.seconds(1700))
        _ = try await bench.record("Cancelled", "2")
        bench.clock.advance(.seconds(3600))
        try await bench.live { try await bench.settle($0) }
        #expect(bench.sender.ids.isEmpty)
        #expect(try bench.pending().isEmpty)
    }

    @Test(
        "Due while the process was away, it is carried out at the next start, and the same when the owner was away too")
    func restarted() async throws {
        let bench = Bench()
        _ = try await bench.record("Set", "1")
        try await bench.live { try await bench.settle($0) }
        bench.clock.advance(.seconds(7200))
        bench.sender.isAway.store(true, ordering: .relaxed)
        try await bench.live { try await bench.settle($0) }
        #expect(try bench.pending().count == 1)
        bench.sender.isAway.store(false, ordering: .relaxed)
        try await bench.live { try await bench.settle($0) }
        #expect(bench.sender.ids.count > 1 && Set(bench.sender.ids).count == 1)
        #expect(try bench.pending().isEmpty)
    }

    @Test("On a partition that is never empty it is carried out once the events of its moment are handled")
    func busy() async throws {
        let bench = Bench()
        _ = try await bench.record("Set", "1")
        bench.clock.advance(.seconds(2000))
        _ = try await bench.record("Busy", in: "order/2", "2")
        _ = try await bench.record("Busy", in: "order/stuck", "3")
        _ = try await bench.record("Busy", in: "order/2", "4")
        bench.clock.advance(.seconds(1))
        try await bench.live(isCaughtUp: false) { feed in
            let deadline = ContinuousClock.now + .seconds(20)
            while !bench.sender.requests.withLock({ $0.contains { $0.command == "ExpireOrder" } }) {
                try #require(ContinuousClock.now < deadline, "the timer was not carried out")
                try await bench.settle(feed)
            }
        }
    }

    @Test("Setting it again moves it, and a time that has passed is due at once")
    func moved() async throws {
        let bench = Bench()
        _ = try await bench.record("Set", "1")
        bench.clock.advance(.seconds(1000))
        let again = try await bench.record("Set", "2")
        try await bench.live { feed in
            bench.clock.advance(.seconds(1000))
            try await bench.settle(feed)
            #expect(bench.sender.ids.isEmpty)
            bench.clock.advance(.seconds(1000))
            try await bench.settle(feed)
        }
        #expect(bench.sender.requests.withLock { $0.map(\.causationID) } == [again])
        _ = try await bench.record("Now", in: "order/2", "3")
        try await bench.live { try await bench.settle($0) }
        #expect(bench.sender.ids.count == 2)
    }

    @Test("In a whole cluster on virtual time an unpaid order is cancelled after half an hour, with a lossy network")
    func simulated() throws {
        let cluster = SimulatedCluster(
            seed: 3, domain: ShopDomain.domain, placement: ShopScenario.placement, codec: try ShopScenario.codec,
            faults: ShopScenario.lossy)
        try cluster.start()
        let stream = try StreamName("order/1")
        let order =
            #"{"address":{"country":"France"},"payLater":true,"lines":[{"sku":"A","quantity":1,"unitPrice":1}]}"#
        cluster.send([
            CommandRequest(
                partition: PartitionID(0), deadline: Timestamp(seconds: 0), stream: stream, command: "PlaceOrder",
                commandID: try CommandID("place"), payload: Bytes(order))
        ])
        #expect(try cluster.runUntilQuiet())
        let reader = try cluster.log.reader(PartitionID(0))
        let placed = try #require(try reader.events(after: .start, limit: 1).first)
        #expect(try reader.head().position == Position(1))
        var head = Position(1)
        #expect(
            cluster.simulation.run {
                do { head = try reader.head().position } catch { return true }
                return head > Position(1)
            })
        let cancelled = try #require(try reader.events(after: Position(1), limit: 1).first)
        #expect(cancelled.type == "OrderCancelled" && cancelled.causationID == placed.eventID)
        let waited = cancelled.recorded - placed.recorded
        #expect(waited >= Fulfilment.timeToPay && waited < Fulfilment.timeToPay + .seconds(30), "\(waited)")
        #expect(cluster.failures.isEmpty)
    }
}
