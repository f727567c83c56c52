package import RoostCore
package import RoostLog
import Synchronization

/// What a host needs to know about the partition it owns.
package struct Ownership: Sendable {
    package let log: LogIdentity
    package let partition: PartitionID
    package let epoch: Epoch
    package let endpoint: String

    package init(log: LogIdentity, partition: PartitionID, epoch: Epoch, endpoint: String) {
        self.log = log
        self.partition = partition
        self.epoch = epoch
        self.endpoint = endpoint
    }
}

/// Decides the commands of one partition, first in, first out, one aggregate at a time.
///
/// Guarantees: a command of another owner's epoch is answered `moved` and not decided; an expired one is discarded;
/// every answer leaves with the newest commit its state depends on.
package actor PartitionHost {
    package struct Limits: Sendable {
        /// Commands that wait to be decided; more are answered `overloaded`.
        package var waitingMax = 8192
        /// Aggregates kept in memory.
        package var aggregatesMax = 100_000
        package init() {}
    }

    package nonisolated let inbox: Mailbox<CommandDelivery>
    package nonisolated let ownership: Ownership
    private let lane: any SerialExecutor
    private let makeLane: @Sendable (String) -> any SerialExecutor
    private let kinds: [String: AggregateKind]
    private let reader: any PartitionReader
    private let queue: CommitQueue
    private let settled: SettledMark
    private let tools: DecisionTools
    private let clock: any NodeClock
    private var live: LiveAggregates
    private var generation: UInt64 = 1

    package nonisolated var unownedExecutor: UnownedSerialExecutor { lane.asUnownedSerialExecutor() }

    package init(
        _ ownership: Ownership, kinds: [String: AggregateKind], reader: any PartitionReader, queue: CommitQueue,
        settled: SettledMark, tools: DecisionTools, clock: any NodeClock, executors: any NodeExecutors,
        limits: Limits = Limits()
    ) {
        self.ownership = ownership
        self.kinds = kinds
        self.reader = reader
        self.queue = queue
        self.settled = settled
        self.tools = tools
        self.clock = clock
        inbox = Mailbox(capacity: limits.waitingMax)
        live = LiveAggregates(capacity: limits.aggregatesMax)
        lane = executors.lane("host-\(ownership.partition)")
        makeLane = { executors.lane($0) }
    }

    /// Takes commands in. Called on the work thread; answers `overloaded` at once when too many wait.
    package nonisolated func admit(_ deliveries: [CommandDelivery]) {
        let accepted = inbox.offer(deliveries)
        for delivery in deliveries.dropFirst(accepted) { delivery.port.deliver([excess(delivery.request)]) }
    }

    private nonisolated func excess(_ request: CommandRequest) -> CommandAnswer {
        guard !inbox.isClosed else {
            return request.answer(
                .unavailable, code: "stopping", reason: "the owner of partition \(ownership.partition) is stopping",
                next: "send it again with the same command ID")
        }
        return request.answer(
            .overloaded, code: "overloaded",
            reason: "partition \(ownership.partition) has \(inbox.capacity) commands waiting",
            next: "send it again a little later with the same command ID")
    }

    /// Runs until the inbox is closed and every command in it has been decided.
    package func run() async {
        while let deliveries = await inbox.take() {
            var commit = await checkOut()
            for delivery in deliveries {
                if queue.isFull(commit) {
                    checkIn(commit)
                    commit = await checkOut()
                }
                await decide(delivery, into: commit)
            }
            checkIn(commit)
            live.shrink(settledThrough: settled.number)
        }
        queue.close()
    }

    /// When the ownership has ended, nothing of the commit will be stored: its commands were certainly not executed,
    /// but for those that were before.
    private func checkIn(_ commit: Commit) {
        guard !queue.checkIn(commit) else { return }
        for reply in commit.replies {
            switch reply {
            case .stored(let port, let number, _, _): port.deliver([ended(number, .unavailable)])
            case .repeated(let port, let number, _): port.deliver([ended(number, .unknown)])
            case .decided(let port, let answer): port.deliver([ended(answer.number, .unavailable)])
            }
        }
    }

    private func ended(_ number: UInt64, _ outcome: CommandOutcome) -> CommandAnswer {
        CommandAnswer(
            number: number, outcome: outcome, partition: ownership.partition, code: "stopping",
            reason: "the owner of partition \(ownership.partition) is stopping",
            next: "send it again with the same command ID")
    }

    private func checkOut() async -> Commit {
        let commit = await queue.checkOut()
        if commit.generation != generation {
            generation = commit.generation
            live.removeAll()
        }
        tools.now = clock.now
        return commit
    }

    private func decide(_ delivery: CommandDelivery, into commit: Commit) async {
        let request = delivery.request
        guard request.deadline >= tools.now else { return }
        if let refusal = refusal(request) {
            // Depends on no state, so it need not wait for a commit.
            delivery.port.deliver([refusal])
            return
        }
        do {
            let aggregate = try await aggregate(request.stream, in: commit)
            await aggregate.handle(delivery, into: commit, with: tools)
        } catch {
            commit.replies.append(
                .decided(
                    port: delivery.port,
                    answer: request.answer(
                        .unavailable, code: "streamUnreadable", reason: "\(request.stream) cannot be loaded: \(error)",
                        next: "check the log: roost log verify")))
        }
    }

    private func aggregate(_ stream: StreamName, in commit: Commit) async throws -> any LiveAggregate {
        if let aggregate = live.use(stream, in: commit.number) { return aggregate }
        guard let kind = kinds[stream.category] else {
            throw EventLogError(.invalid, "no aggregate of the category '\(stream.category)' is hosted here")
        }
        let aggregate = kind.make(stream, makeLane(stream.description))
        try await aggregate.load(from: reader, with: tools)
        live.insert(aggregate, for: stream, in: commit.number)
        return aggregate
    }

    /// What keeps a command from being decided here at all.
    private func refusal(_ request: CommandRequest) -> CommandAnswer? {
        guard let partition = ownership.log.placement.partition(of: request.stream) else {
            return request.rejected(
                "unknownCategory", "no group of the log holds the category '\(request.stream.category)'",
                next: "use one of: "
                    + ownership.log.placement.groups.flatMap(\.categories).sorted().joined(separator: ", "))
        }
        guard partition == ownership.partition, request.partition == ownership.partition else {
            return request.rejected(
                "wrongPartition", "\(request.stream) belongs to partition \(partition)", next: "send it there")
        }
        guard kinds[request.stream.category] != nil else {
            return request.rejected(
                "unknownCategory",
                "no aggregate of the category '\(request.stream.category)' is part of this application",
                next: "use one of: " + kinds.keys.sorted().joined(separator: ", "))
        }
        guard request.epoch == .none || request.epoch == ownership.epoch else { return moved(request) }
        guard request.depth <= EventLimits.depthMax else {
            return request.rejected(
                "chainTooDeep", "the chain is \(request.depth) steps deep, \(EventLimits.depthMax) are allowed",
                next:
                    "look for reactors that answer each other: roost trace \(request.correlationID?.description ?? "")")
        }
        return nil
    }

    private func moved(_ request: CommandRequest) -> CommandAnswer {
        var route = CommandAnswer.Route(epoch: ownership.epoch, endpoint: ownership.endpoint)
        if request.epoch > ownership.epoch, let claim = newestClaim() {
            route = CommandAnswer.Route(epoch: claim.epoch, endpoint: claim.commandEndpoint)
        }
        return request.answer(
            .moved, code: "moved", reason: "partition \(request.partition) is owned under epoch \(route.epoch)",
            route: route)
    }

    private func newestClaim() -> Claim? {
        do { return try reader.claim() } catch { return nil }
    }
}

/// How far commits have settled: set by the publisher, read by the host.
package final class SettledMark: Sendable {
    private let value = Atomic<UInt64>(0)
    package init() {}
    package var number: UInt64 { value.load(ordering: .acquiring) }
    package func settle(_ number: UInt64) { value.store(number, ordering: .releasing) }
}
