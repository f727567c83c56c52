import Foundation
import RoostCore
import RoostLog
import RoostLogSQLite
import RoostNode
import Shop
import Synchronization
import Testing

@Suite("Two owners of one partition", .timeLimit(.minutes(1)))
struct FencingTests {
    @Test(
        "Case 16: An older owner is refused at intake and at append, and its ownership ends",
        arguments: ["memory", "sqlite"])
    func olderEpoch(store: String) async throws {
        try await Self.withLog(store) { log in
            let older = try await Owner(log, "older")
            let first = try await older.place("order/1", epoch: .none)
            #expect(first.outcome == .accepted)

            let newer = try await Owner(log, "newer")
            #expect(newer.pipeline.host.ownership.epoch > older.pipeline.host.ownership.epoch)

            // Intake: the command names the newer epoch, so the older owner knows that it is not meant.
            let atIntake = try await older.place("order/2", epoch: newer.pipeline.host.ownership.epoch)
            #expect(atIntake.outcome == .moved)
            #expect(atIntake.route?.endpoint == "newer")

            // Append: nothing tells the older owner but the log itself.
            let atAppend = try await older.place("order/3", epoch: .none)
            #expect(atAppend.outcome == .unavailable)
            let failure = try #require(await older.end())
            #expect(failure.code == .fenced)

            let second = try await newer.place("order/4", epoch: .none)
            #expect(second.outcome == .accepted)
            #expect(second.position == Position(2))
            newer.pipeline.host.inbox.close()
            #expect(await newer.end() == nil)
        }
    }

    @Test(
        "After a restart the same command gets the same answer, and its ID is refused for another",
        arguments: ["memory", "sqlite"])
    func restart(store: String) async throws {
        try await Self.withLog(store) { log in
            let before = try await Owner(log, "before")
            let first = try await before.place("order/1", epoch: .none)
            before.pipeline.host.inbox.close()
            #expect(await before.end() == nil)

            let after = try await Owner(log, "after")
            let again = try await after.place("order/1", epoch: .none)
            #expect(again.outcome == .accepted)
            #expect(again.position == first.position && again.version == first.version)
            #expect(again.correlationID == first.correlationID && again.events == first.events)
            let other = try await after.place("order/1", epoch: .none, country: "Spain")
            #expect(other.outcome == .rejected && other.code == "commandIDReused")
            after.pipeline.host.inbox.close()
            #expect(await after.end() == nil)
        }
    }

    private static let placement = Placement(groups: [
        .init(name: "all", categories: ["order"], firstPartition: PartitionID(0), partitionCount: 1)
    ])

    private static func withLog(_ store: String, _ body: (any EventLog) async throws -> Void) async throws {
        let identity = LogIdentity(id: LogID(bits: 7), placement: placement)
        guard store == "sqlite" else { return try await body(MemoryLog(identity: identity)) }
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("fence-\(UUID())").path
        defer { #expect(throws: Never.self) { try FileManager.default.removeItem(atPath: directory) } }
        try await body(try SQLiteLog.create(at: directory, identity: identity))
    }
}

/// An owner of partition 0 on two real threads.
private struct Owner {
    let pipeline: PartitionPipeline
    private let executors: ThreadExecutors
    private let clock: ThreadClock
    private let run: Task<EventLogError?, Never>

    init(_ log: any EventLog, _ name: String) async throws {
        executors = ThreadExecutors(name: name)
        clock = ThreadClock(thread: executors.work)
        let claim = Claim(
            process: name, incarnation: Incarnation(bits: 1), commandEndpoint: name, publishEndpoint: name,
            claimedAt: clock.now)
        let pipeline = try PartitionPipeline(
            writer: try await log.claim(PartitionID(0), claim), log: log,
            kinds: AggregateKind.byCategory(Domain(name: "orders", aggregates: [Order.self])), codec: .json,
            ids: UniqueIDs(random: SeededRandom(seed: 1)), endpoint: name, outlet: SilentBus(), clock: clock,
            executors: executors)
        self.pipeline = pipeline
        run = Task {
            do { try await pipeline.run() } catch { return error as? EventLogError }
            return nil
        }
    }

    func place(_ stream: String, epoch: Epoch, country: String = "France") async throws -> CommandAnswer {
        let data = #"{"address":{"country":"\#(country)"},"lines":[{"sku":"A","quantity":1,"unitPrice":100}]}"#
        let request = CommandRequest(
            partition: PartitionID(0), epoch: epoch, deadline: clock.now + .seconds(30),
            stream: try StreamName(stream), command: "PlaceOrder", commandID: try CommandID("place-\(stream)"),
            payload: Bytes(data))
        return await withCheckedContinuation { continuation in
            pipeline.host.admit([CommandDelivery(request: request, port: OneAnswer(continuation))])
        }
    }

    /// What ended the ownership, or nil after an orderly end. Ends the threads.
    func end() async -> EventLogError? {
        let failure = await run.value
        executors.shutdown()
        return failure
    }
}

private struct SilentBus: BusOutlet {
    func publish(_ message: BusMessage) {}
}

private final class OneAnswer: AnswerPort {
    private let continuation: CheckedContinuation<CommandAnswer, Never>
    init(_ continuation: CheckedContinuation<CommandAnswer, Never>) { self.continuation = continuation }
    func deliver(_ answers: [CommandAnswer]) { for answer in answers { continuation.resume(returning: answer) } }
}
