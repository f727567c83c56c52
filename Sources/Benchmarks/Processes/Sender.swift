import RoostCore
import RoostJSON
import RoostLog
import RoostNode
import RoostZeroMQ

/// Makes commands with fresh IDs, sends them, and insists that every one is accepted.
///
/// What is sent at once goes to one partition, so that it is answered at once, and as many commands as the load says are
/// always on their way: some of eight partitions would all wait for the slowest.
final class Sender: @unchecked Sendable {
    // @unchecked: its own state is touched on the thread alone.
    private let client: CommandClient
    private let clock: ThreadClock
    private struct Target {
        let stream: StreamName
        let command: MoveParcel
    }

    /// The aggregates by partition, and what is sent to them.
    private let targets: [(partition: PartitionID, aggregates: [Target])]
    private let encoder = JSONPayloadEncoder()
    private var random: UInt64 = 88_172_645_463_325_252
    private var sent = 0
    private let start: Timestamp

    init(thread: SocketThread, log: any EventLog, aggregates: Int) throws {
        clock = ThreadClock(thread: thread)
        targets = try Self.targets(log.identity.placement, aggregates)
        start = clock.now
        client = CommandClient(thread: thread, logID: log.identity.id, clock: clock) { partition in
            Self.route(partition, in: log)
        }
    }

    private static func targets(
        _ placement: Placement, _ aggregates: Int
    ) throws -> [(partition: PartitionID, aggregates: [Target])] {
        let targets = (0..<aggregates).map {
            Target(stream: StreamName(unchecked: "\(Parcel.category)/\($0)"), command: .sample($0))
        }
        let byPartition = Dictionary(grouping: targets) { placement.partition(of: $0.stream) }
        return try placement.partitions.map { partition in
            guard let own = byPartition[partition] else { throw BenchmarkError("too few aggregates") }
            return (partition, own)
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
            _ = try await send(load.perLane, lane: lane)
            meter.note(load.perLane, sentAt: sentAt, load: load)
        }
    }

    /// Sends some commands to the partition of a lane and returns their answers.
    func send(_ count: Int, lane: Int) async throws -> [CommandAnswer] {
        let now = clock.now
        let (partition, aggregates) = targets[lane % targets.count]
        let requests = try (0..<count).map { _ in
            try request(to: aggregates[randomIndex(aggregates.count)], partition, at: now)
        }
        let answers = await client.send(requests)
        guard let refused = answers.first(where: { $0.outcome != .accepted }) else { return answers }
        throw BenchmarkError("a command was not accepted: \(refused.outcome) \(refused.reason ?? "")")
    }

    private func randomIndex(_ count: Int) -> Int {
        random ^= random << 13
        random ^= random >> 7
        random ^= random << 17
        return Int((random >> 20) % UInt64(count))
    }

    private func request(to target: Target, _ partition: PartitionID, at now: Timestamp) throws -> CommandRequest {
        sent += 1
        return CommandRequest(
            partition: partition, deadline: now + .seconds(10), stream: target.stream, command: MoveParcel.name,
            commandID: CommandID(unchecked: "\(start.nanoseconds)-\(sent)"),
            payload: Bytes(try encoder.bytes(target.command)))
    }
}
