import Foundation
import RoostCluster
import RoostCore
import RoostLog
import RoostLogSQLite
import RoostNode
import RoostZeroMQ

/// Owners of partitions are killed one after the other: from the kill until each partition of theirs has accepted a command.
enum FailoverRows {
    private static let kills = 50
    private static let readyWithin = Duration.seconds(30)

    static func measure() async throws -> [Row] {
        try await Scratch.with { home in
            let cluster = try Child(.failoverCluster, [home])
            guard try cluster.line() == "ready" else { throw BenchmarkError("the cluster is not ready") }
            let rows = try await measure(home)
            try cluster.end()
            return rows
        }
    }

    private static func measure(_ home: String) async throws -> [Row] {
        let directory = FailoverCluster.directory(in: home)
        let customer = try Customer(log: SQLiteLog.open(at: directory.log))
        var (times, starts): ([Double], [Double]) = ([], [])
        for number in 0..<kills {
            let owner = try owner(in: directory, number)
            starts.append(try milliseconds { try FailoverCluster.roost(["--help"], home: home) })
            let start = Monotonic.seconds
            guard kill(owner.pid, SIGKILL) == 0 else { throw BenchmarkError("\(owner.pid) cannot be killed") }
            try await customer.waitUntilAccepted(by: owner.partitions)
            times.append((Monotonic.seconds - start) * 1000)
        }
        await customer.stop()
        return [
            Row(
                "failover, \(kills) owners killed, p50", unit: "ms", times, limit: starts,
                of: "start and end of the same program", target: nil),
            Row("  every partition accepts again, p99", unit: "ms", percentile(99, of: times)),
            Row("  every partition accepts again, max", unit: "ms", times.max() ?? .nan),
        ]
    }

    private static func milliseconds(_ body: () throws -> Void) rethrows -> Double {
        let start = Monotonic.seconds
        try body()
        return (Monotonic.seconds - start) * 1000
    }

    /// The smallest value that so many of a hundred do not exceed.
    private static func percentile(_ percent: Double, of values: [Double]) -> Double {
        let sorted = values.sorted()
        let rank = Int((percent / 100 * Double(sorted.count)).rounded(.up))
        return sorted.isEmpty ? .nan : sorted[max(0, rank - 1)]
    }

    private struct Owner {
        let pid: Int32
        let partitions: [PartitionID]
    }

    /// Once every process is ready, the one that was killed before too: by turns, each instance that owns something.
    private static func owner(in directory: ClusterDirectory, _ number: Int) throws -> Owner {
        let owners = try ClusterCommands.waitUntilReady(directory, timeout: readyWithin).processes
            .filter { $0.role == .aggregate && !$0.partitions.isEmpty }
        guard !owners.isEmpty, let pid = owners[number % owners.count].pid else {
            throw BenchmarkError("nobody owns a partition")
        }
        return Owner(pid: pid, partitions: owners[number % owners.count].partitions.map { PartitionID($0) })
    }
}

/// Sends one command after the other to a partition until one is accepted.
private final class Customer: Sendable {
    private static let within = 30.0
    private static let patience = Duration.milliseconds(250)

    private let thread = SocketThread(name: "customer")
    private let clock: ThreadClock
    private let client: CommandClient
    private let streams: [PartitionID: StreamName]

    init(log: SQLiteLog) throws {
        let clock = ThreadClock(thread: thread)
        self.clock = clock
        client = CommandClient(thread: thread, logID: log.identity.id, clock: clock) { partition in
            do {
                return try log.reader(partition).claim().map {
                    CommandAnswer.Route(epoch: $0.epoch, endpoint: $0.commandEndpoint)
                }
            } catch { return nil }
        }
        let names = try (0..<1000).map { try StreamName("stock/failover-\($0)") }
        streams = Dictionary(names.compactMap { name in log.identity.placement.partition(of: name).map { ($0, name) } })
        {
            first, _ in first
        }
    }

    func stop() async {
        await client.stop()
        thread.shutdown()
    }

    func waitUntilAccepted(by partitions: [PartitionID]) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for partition in partitions { group.addTask { try await self.waitUntilAccepted(by: partition) } }
            try await group.waitForAll()
        }
    }

    private func waitUntilAccepted(by partition: PartitionID) async throws {
        guard let stream = streams[partition] else { throw BenchmarkError("no stream lies on partition \(partition)") }
        let end = Monotonic.seconds + Self.within
        while Monotonic.seconds < end {
            let now = clock.now
            let request = CommandRequest(
                partition: partition, deadline: now + Self.patience, stream: stream, command: "ReceiveStock",
                commandID: try CommandID("\(partition)-\(now.nanoseconds)"), payload: Bytes(#"{"quantity":1}"#))
            if await client.send([request]).first?.outcome == .accepted { return }
            try await Task.sleep(for: .milliseconds(5))
        }
        throw BenchmarkError("partition \(partition) accepted no command within \(Self.within) s")
    }
}
