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
    private nonisolated let mustForget = Atomic(false)
    private var isForgetting = false
    private var generation: UInt64 = 1
    /// Commands decided before other work of the thread gets its turn: answers leave and commands arrive in between.
    private static let sliceCommands = 128

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

    /// Lets go of all aggregates in memory before the next command: what they know is to be read anew. From any thread.
    package nonisolated func forgetAggregates() { mustForget.store(true, ordering: .releasing) }

    private func forgetIfAsked() {
        if mustForget.exchange(false, ordering: .acquiringAndReleasing) {
            live.beginForgetting()
            isForgetting = true
        }
        guard isForgetting else { return }
        // Those with events in flight are let go later.
        isForgetting = !live.forget(settledThrough: settled.number)
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
            var rest = deliveries[...]
            while !rest.isEmpty {
                await decide(rest.prefix(Self.sliceCommands))
                rest = rest.dropFirst(Self.sliceCommands)
                if !rest.isEmpty { await Task.yield() }
            }
            live.shrink(settledThrough: settled.number)
        }
        queue.close()
    }

    private func decide(_ deliveries: ArraySlice<CommandDelivery>) async {
        var commit = await checkOut()
        forgetIfAsked()
        for delivery in deliveries {
            if queue.isFull(commit) {
                checkIn(commit)
                commit = await checkOut()
            }
            await decide(delivery, into: commit)
        }
        checkIn(commit)
    }

    /// When the ownership has ended, nothing of the commit will be stored: its commands were certainly not executed,
    /// but for those that were before.
    private func checkIn(_ commit: Commit) {
        guard !queue.checkIn(commit) else { return }
        for reply in commit.replies {
            switch reply {
            case .stored(let port, let number, _, _): port.deliver([ended(number, .unavailable)])
            case .repeated(let port, let number, _): port.deliver([ended(number, .unknown)])
            case .decided(let port, let answer, _): port.deliver([ended(answer.number, .unavailable)])
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
        if commit.isEmpty { commit.openedAt = tools.now }
        return commit
    }

    private func decide(_ delivery: CommandDelivery, into commit: Commit) async {
        guard delivery.request.deadline >= tools.now else { return }
        let stream = StreamKey(delivery.request.stream)
        let known = live.use(stream, in: commit.number)
        if let refusal = known == nil ? misplaced(delivery.request) ?? refusal(delivery) : refusal(delivery) {
            // Depends on no state, so it need not wait for a commit.
            if let spans = tools.spans, let refused = spans.refusal(refusal, of: delivery.request) {
                spans.note(refused)
            }
            delivery.port.deliver([refusal])
            return
        }
        do {
            let aggregate = if let known { known } else { try await load(stream, in: commit) }
            await aggregate.handle(delivery, into: commit, with: tools)
        } catch {
            commit.replies.append(
                .decided(
                    port: delivery.port,
                    answer: delivery.request.answer(
                        .unavailable, code: "streamUnreadable", reason: "\(stream.name) cannot be loaded: \(error)",
                        next: "check the log: roost log verify")))
        }
    }

    private func load(_ stream: StreamKey, in commit: Commit) async throws -> any LiveAggregate {
        let category = stream.name.category
        guard let kind = kinds[category] else {
            throw EventLogError(.invalid, "no aggregate of the category '\(category)' is hosted here")
        }
        let aggregate = kind.make(stream.name, makeLane(stream.name.description))
        try await aggregate.load(from: reader, with: tools)
        live.insert(aggregate, for: stream, in: commit.number)
        return aggregate
    }

    /// What keeps the commands of a stream from being decided here at all.
    private func misplaced(_ request: CommandRequest) -> CommandAnswer? {
        guard let partition = ownership.log.placement.partition(of: request.stream) else {
            return request.rejected(
                "unknownCategory", "no group of the log holds the category '\(request.stream.category)'",
                next: "use one of: "
                    + ownership.log.placement.groups.flatMap(\.categories).sorted().joined(separator: ", "))
        }
        guard partition == ownership.partition else { return wrongPartition(request, belongsTo: partition) }
        guard kinds[request.stream.category] != nil else {
            return request.rejected(
                "unknownCategory",
                "no aggregate of the category '\(request.stream.category)' is part of this application",
                next: "use one of: " + kinds.keys.sorted().joined(separator: ", "))
        }
        return nil
    }

    private func wrongPartition(_ request: CommandRequest, belongsTo partition: PartitionID) -> CommandAnswer {
        request.rejected(
            "wrongPartition", "\(request.stream) belongs to partition \(partition)", next: "send it there")
    }

    /// What keeps this one command from being decided here.
    private func refusal(_ delivery: CommandDelivery) -> CommandAnswer? {
        guard delivery.request.partition == ownership.partition else {
            return wrongPartition(delivery.request, belongsTo: ownership.partition)
        }
        let epoch = delivery.request.epoch
        guard epoch == .none || epoch == ownership.epoch else { return moved(delivery.request) }
        guard delivery.request.depth <= EventLimits.depthMax else { return tooDeep(delivery.request) }
        return nil
    }

    private func tooDeep(_ request: CommandRequest) -> CommandAnswer {
        request.rejected(
            "chainTooDeep", "the chain is \(request.depth) steps deep, \(EventLimits.depthMax) are allowed",
            next: "look for reactors that answer each other: roost trace \(request.correlationID?.description ?? "")")
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
