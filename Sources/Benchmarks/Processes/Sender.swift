import RoostCore
import RoostJSON
import RoostLog
import RoostNode
import RoostZeroMQ

/// Makes commands with fresh IDs, sends them, and insists that every one is accepted.
final class Sender: @unchecked Sendable {
    // @unchecked: its own state is touched on the thread alone.
    private let client: CommandClient
    private let clock: ThreadClock
    private let placement: Placement
    private let encoder = JSONPayloadEncoder()
    private var random: UInt64 = 88_172_645_463_325_252
    private var sent = 0
    private let start: Timestamp

    init(thread: SocketThread, log: any EventLog) {
        clock = ThreadClock(thread: thread)
        placement = log.identity.placement
        start = clock.now
        client = CommandClient(thread: thread, logID: log.identity.id, clock: clock) { partition in
            Self.route(partition, in: log)
        }
    }

    private static func route(_ partition: PartitionID, in log: any EventLog) -> CommandAnswer.Route? {
        do {
            return try log.reader(partition).claim().map {
                CommandAnswer.Route(epoch: $0.epoch, endpoint: $0.commandEndpoint)
            }
        } catch { return nil }
    }

    func stop() async { await client.stop() }

    /// Sends until the load's time is over.
    func run(lane: Int, _ load: Load, _ meter: Meter) async throws {
        while meter.elapsed < load.warmUpSeconds + load.seconds {
            let sentAt = Monotonic.nanoseconds
            _ = try await send(load.perLane, aggregates: load.aggregates)
            meter.note(load.perLane, sentAt: sentAt, load: load)
        }
    }

    /// Sends some commands and returns their answers.
    func send(_ count: Int, aggregates: Int) async throws -> [CommandAnswer] {
        let now = clock.now
        let requests = try (0..<count).map { _ in try request(aggregates: aggregates, at: now) }
        let answers = await client.send(requests)
        guard let refused = answers.first(where: { $0.outcome != .accepted }) else { return answers }
        throw BenchmarkError("a command was not accepted: \(refused.outcome) \(refused.reason ?? "")")
    }

    private func request(aggregates: Int, at now: Timestamp) throws -> CommandRequest {
        random ^= random << 13
        random ^= random >> 7
        random ^= random << 17
        let index = Int((random >> 20) % UInt64(aggregates))
        sent += 1
        let stream = StreamName(unchecked: "\(Parcel.category)/\(index)")
        guard let partition = placement.partition(of: stream) else { throw BenchmarkError("no partition") }
        return CommandRequest(
            partition: partition, deadline: now + .seconds(10), stream: stream, command: MoveParcel.name,
            commandID: CommandID(unchecked: "\(start.nanoseconds)-\(sent)"),
            payload: Bytes(try encoder.bytes(MoveParcel.sample(index))))
    }
}
