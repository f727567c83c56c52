import ClientScenario
import Foundation
import RoostClient
import RoostCore
import RoostLog
import RoostNode
import RoostTesting
import RoostTrace
import Shop
import Synchronization
import Testing

@Suite("Contracts, live")
struct ContractWatchTests {
    /// A watch over a planted log, in a directory of its own, whose clock the test moves.
    private final class Watched: Sendable {
        let watch: ContractWatch
        let directory: String
        let log: MemoryLog
        private let planted: PlantedLog
        let clock: MovedClock
        private let told = Told()

        var found: [CausalFinding] { told.value.withLock { $0.found } }
        var counts: ContractWatch.Report { told.value.withLock { $0.counts } }
        var projections: String { directory + "/projections" }

        init(
            _ planted: PlantedLog, more: [CausalContract] = [], reactors: [any Reactor.Type] = []
        ) async throws {
            directory = NSTemporaryDirectory() + "roost-watch-\(UUID().uuidString)"
            let log = MemoryLog(identity: LogIdentity(id: LogID(bits: 7), placement: PlantedLog.placement))
            self.log = log
            self.planted = planted
            let projections = directory + "/projections"
            try FileManager.default.createDirectory(
                atPath: projections + "/traces", withIntermediateDirectories: true)
            clock = MovedClock(planted.events.map(\.recorded).max() ?? Timestamp(seconds: 0))
            let domain = PlantedLog.domain(reactors: reactors, more: more)
            let readers = try log.identity.placement.partitions.map { try log.reader($0) }
            watch = ContractWatch(
                domain,
                check: ChainCheck(
                    domain, log: log, codec: .json(try UpcasterChain(domain)), reactors: directory,
                    projections: projections),
                index: TraceIndexReader(projections: projections), readers: readers,
                store: try ObservedStore(path: ObservedStore.path(in: projections), logID: log.identity.id),
                clock: clock, lane: DispatchLane()
            ) { [told] report in
                told.value.withLock { told in
                    told.counts = report
                    told.found += report.found
                }
            }
        }

        /// Begins before the first event, then sees all of them.
        func seeEverything() async throws {
            try await watch.look()
            try await planted.store(in: log)
            try IndexedChains.make(of: log, in: projections)
            try await look(after: .zero)
        }

        func look(after wait: Duration) async throws {
            clock.move(by: wait)
            try await watch.look()
        }

        /// Lets a reactor have been seen beginning with an event at a time.
        func observe(_ reactor: String, beginning event: RecordedEvent, at start: Timestamp) throws {
            let partition = try #require(log.identity.placement.partition(of: event.stream))
            let span = HandlingSpan(
                .react, partition, event.position, event.position, start: start, end: start + .seconds(60))
            let store = try ObservedStore(
                path: ObservedStore.path(in: projections), logID: log.identity.id)
            try store.store([
                SpanReport(
                    logID: log.identity.id, process: reactor, incarnation: Incarnation(bits: 1), number: 1, dropped: 0,
                    spans: [span], rejected: [])
            ])
            try store.close()
        }

        func remove() throws { try FileManager.default.removeItem(atPath: directory) }
    }

    @Test("find nothing in chains that the runtime has written, and have then nothing left to do")
    func clean() async throws {
        let watched = try await Watched(PlantedLog(orders: 12))
        try await watched.seeEverything()
        #expect(watched.counts.pending == 12 && watched.counts.behind == 0)
        try await watched.look(after: .seconds(2))
        #expect(watched.found == [] && watched.counts.findings == 0 && watched.counts.pending == 0)
        try watched.remove()
    }

    @Test(
        "find each kind of fault but lateness, with its class, once",
        arguments: ContractTests.faults.filter { $0.kind != .late })
    func found(_ fault: ContractTests.Fault) async throws {
        var log = try PlantedLog(orders: 12)
        try fault.plant(&log)
        let watched = try await Watched(log, more: fault.more)
        try await watched.seeEverything()
        for _ in 0..<5 { try await watched.look(after: .seconds(20)) }
        #expect(Set(watched.found.map(\.kind)) == [fault.kind], "\(watched.found)")
        #expect(Set(watched.found).count == watched.found.count, "each is told once")
        #expect(watched.counts.findings == Set(watched.found).count && watched.counts.pending == 0)
        try watched.remove()
    }

    @Test(
        "call an effect late where its reactor was seen to begin in time, and not where it was behind, or nobody saw it",
        arguments: [(1, 1), (40, 0), (nil, 0)] as [(Int?, Int)])
    func late(_ began: Int?, _ findings: Int) async throws {
        var log = try PlantedLog(orders: 3)
        let effect = log.events[try log.index(of: "InventoryDecremented", 2)]
        log.delay(try log.index(of: "InventoryDecremented", 2), by: .seconds(45))
        let watched = try await Watched(log, reactors: [Fulfilment.self])
        try await watched.seeEverything()
        let chain = try watched.log.identity.placement.partitions.flatMap {
            try watched.log.reader($0).events(correlation: effect.correlation)
        }
        let cause = try #require(chain.first { $0.eventID == effect.cause })
        if let began {
            try watched.observe(Fulfilment.name, beginning: cause, at: cause.recorded + .seconds(began))
        }
        try await watched.look(after: .seconds(2))
        #expect(watched.found.map(\.kind) == Array(repeating: .late, count: findings), "\(watched.found)")
        try watched.remove()
    }

    @Test("begin at the end of a log that was there before")
    func beginning() async throws {
        var planted = try PlantedLog(orders: 3)
        planted.events.remove(at: try planted.index(of: "InventoryDecremented", 3))
        let watched = try await Watched(planted)
        try await planted.store(in: watched.log)
        try IndexedChains.make(of: watched.log, in: watched.projections)
        for _ in 0..<4 { try await watched.look(after: .seconds(60)) }
        #expect(watched.found == [] && watched.counts.pending == 0 && watched.counts.behind == 0)
        try watched.remove()
    }

    @Test("put off a chain that cannot be judged, say why, and go on with the others")
    func unreadable() async throws {
        var planted = try PlantedLog(orders: 4)
        planted.events.remove(at: try planted.index(of: "InventoryDecremented", 7))
        planted.events[try planted.index(of: "OrderShipped", 0)].payload = Bytes("no JSON")
        let watched = try await Watched(planted)
        try await watched.seeEverything()
        try await watched.look(after: .seconds(2))
        #expect(watched.counts.obstacle?.contains("cannot be checked") == true, "\(watched.counts)")
        for _ in 0..<4 { try await watched.look(after: .seconds(20)) }
        #expect(watched.found.map(\.kind) == [.missing] && watched.counts.pending == 1)
        try watched.remove()
    }

    @Test("wait for an effect that may still come, and take back what no longer holds")
    func resolved() async throws {
        var log = try PlantedLog(orders: 3)
        let late = log.events.remove(at: try log.index(of: "InventoryDecremented", 3))
        let watched = try await Watched(log)
        try await watched.seeEverything()
        try await watched.look(after: .seconds(2))
        #expect(watched.counts.findings == 0 && watched.counts.pending == 1, "its time is not over")
        try await watched.look(after: .seconds(20))
        try await watched.look(after: .seconds(20))
        #expect(watched.found.map(\.kind) == [.missing] && watched.counts.findings == 1)
        let live = try #require(try ObservedReader(projections: watched.projections).findings())
        #expect(live.found.map(\.finding) == watched.found)
        let more = PlantedLog(events: [late])
        try await more.store(in: watched.log, from: 1000)
        try IndexedChains.make(of: watched.log, in: watched.projections)
        try await watched.look(after: .zero)
        try await watched.look(after: .seconds(2))
        #expect(watched.counts.findings == 0 && watched.counts.pending == 0)
        try watched.remove()
    }
}

/// What a watch has said.
private final class Told: Sendable {
    let value = Mutex((counts: ContractWatch.Report(), found: [CausalFinding]()))
}

/// A clock that stands still until it is moved.
private final class MovedClock: NodeClock {
    private let time: Mutex<Timestamp>
    init(_ start: Timestamp) { time = Mutex(start) }
    var now: Timestamp { time.withLock { $0 } }
    func move(by duration: Duration) { time.withLock { $0 = $0 + duration } }
    func sleep(for duration: Duration) async throws { move(by: duration) }
}

private final class DispatchLane: SerialExecutor {
    private let queue = DispatchQueue(label: "watch")
    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}
