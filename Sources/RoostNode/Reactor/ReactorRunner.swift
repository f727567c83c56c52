import RoostCore
package import RoostLog
import RoostTrace

/// Carries out what a reactor wants: reads events in order, sends the follow-up commands, and moves its checkpoint
/// past an event only when all its commands ended accepted or rejected.
///
/// Guarantees: events of one source stream are handled one after the other; a crash repeats commands with the same
/// IDs, which changes nothing; a timer is carried out once. Reads the log alone; the bus only wakes it.
package actor ReactorRunner {
    package struct Limits: Sendable {
        /// Events looked at before the checkpoint moves.
        package var windowMax = 512
        /// How long a follow-up command may take before it is sent again.
        package var deadline: Duration = .seconds(10)
        /// Wait before commands without a certain end are sent again; doubles up to `retryMax`.
        package var retryMin: Duration = .milliseconds(20)
        package var retryMax: Duration = .seconds(1)
        package init() {}
    }

    private let lane: any SerialExecutor
    private let reactor: any Reactor.Type
    private let routes: RouteTable<ReactorRoute>
    private let placement: Placement
    let store: ReactorStore
    let feed: Feed
    private let readers: [any PartitionReader]
    private let sender: any CommandSender
    private let codec: (encoder: any PayloadEncoder, events: EventDecoder)
    let clock: any NodeClock
    let status: ReaderStatus
    let limits: Limits
    private let spans: SpanRecorder?
    /// Partitions whose checkpoint was found to belong to this log.
    private var admitted: Set<PartitionID> = []
    /// Up to when every event of a partition is handled, as far as it was acknowledged by then.
    private(set) var lookedAt: [PartitionID: Timestamp] = [:]
    /// The moment of the first timer to each partition, nil for none; unknown without an entry.
    var nextDue: [PartitionID: Timestamp?] = [:]
    /// Partitions that were at their heads once since the start.
    private var caughtUp: Set<PartitionID> = []

    package nonisolated var unownedExecutor: UnownedSerialExecutor { lane.asUnownedSerialExecutor() }

    /// `store` is this runner's from here on.
    package init(
        _ reactor: any Reactor.Type, store: sending ReactorStore, feed: Feed, log: LogIdentity,
        readers: [any PartitionReader], sender: any CommandSender, codec: PayloadCodec, clock: any NodeClock,
        status: ReaderStatus, lane: any SerialExecutor, spans: SpanRecorder? = nil, limits: Limits = Limits()
    ) throws {
        self.reactor = reactor
        routes = try RouteTable(of: reactor.name, reactor.routes, upcasters: codec.upcasters)
        placement = log.placement
        self.store = store
        self.feed = feed
        self.readers = readers.sorted { $0.partition < $1.partition }
        self.sender = sender
        self.codec = (codec.makeEncoder(), codec.makeEventDecoder())
        self.clock = clock
        self.status = status
        self.lane = lane
        self.spans = spans
        self.limits = limits
    }

    /// Handles everything there is, then what comes, until the feed is closed: also while commands are being sent
    /// again and again.
    package func run() async throws {
        let loops = readers.map { (reader: $0, wake: Mailbox<Void>(capacity: 1)) }
        let timers = placement.partitions.map { (target: $0, wake: Mailbox<Void>(capacity: 1)) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for loop in loops { group.addTask { try await self.follow(loop.reader, loop.wake) } }
            for loop in timers { group.addTask { try await self.keepTimers(of: loop.target, loop.wake) } }
            group.addTask { await self.pass(on: loops.map(\.wake) + timers.map(\.wake)) }
            do {
                while try await group.next() != nil {}
            } catch {
                feed.close()
                throw error
            }
        }
        try store.close()
    }

    /// Wakes every partition whenever something was heard, until the feed is closed.
    private func pass(on wakes: [Mailbox<Void>]) async {
        while true {
            if case .closed = await feed.next() { break }
            for wake in wakes { _ = wake.offer(()) }
        }
        for wake in wakes { wake.close() }
    }

    /// Handles one partition. Each goes at its own pace: commands that one owner cannot take now hold up no others.
    private func follow(_ reader: any PartitionReader, _ wake: Mailbox<Void>) async throws {
        repeat {
            while try await handleWindow(of: reader), !feed.isClosed {}
            caughtUp.insert(reader.partition)
            if caughtUp.count == readers.count { status.set(.live) }
        } while await wake.take() != nil && !feed.isClosed
    }

    private func admit(_ reader: any PartitionReader) throws {
        if let progress = store.progress[reader.partition] {
            try check(progress, reader)
            try recount(progress, reader)
        } else {
            try begin(reader)
        }
        admitted.insert(reader.partition)
    }

    private func check(_ progress: Progress, _ reader: any PartitionReader) throws {
        // A checkpoint before the first event belongs to every log; beginning anew would skip what came since.
        guard progress.position > .start else { return }
        guard let commit = try reader.commit(holding: progress.position), commit.digest == progress.digest else {
            throw ReaderFailure(
                "the checkpoint of \(reactor.name) at partition \(reader.partition), position \(progress.position) is not "
                    + "part of this log: the log was restored or replaced; restore what the reactor had done with it: "
                    + "roost log restore DIR")
        }
    }

    private func begin(_ reader: any PartitionReader) throws {
        guard reactor.start == .head else {
            return try store.save(Progress(), of: reader.partition, countedBy: routes.types)
        }
        let head = try reader.head()
        let progress = Progress(position: head.position, epoch: head.epoch, digest: head.digest)
        try store.save(try progress.recounted(by: routes.types, reader), of: reader.partition, countedBy: routes.types)
    }

    private func recount(_ progress: Progress, _ reader: any PartitionReader) throws {
        guard try store.countedTypes(reader.partition) != routes.types else { return }
        try store.save(
            try progress.recounted(by: routes.types, reader), of: reader.partition, countedBy: routes.types)
    }

    /// One event that wants commands carried out.
    private struct Step {
        let stream: StreamName
        let commands: [CommandRequest]
    }

    /// What one partition has next.
    private struct Window {
        var progress: Progress
        var steps: [Step] = []
        var timers: [TimerChange] = []
        var events: UInt64 = 0
        /// When its last event was recorded: every event that was recorded before is handled with it.
        var last = Timestamp(nanoseconds: .min)
    }

    /// Handles the next events of a partition; false when there were none, or when the disk did not take the
    /// checkpoint: then the same commands are sent again, which changes nothing.
    private func handleWindow(of reader: any PartitionReader) async throws -> Bool {
        var next: Window?
        let start = clock.now
        try status.attempt("partition \(reader.partition)") {
            if !admitted.contains(reader.partition) { try admit(reader) }
            next = try window(of: reader)
            if next == nil { lookedAt[reader.partition] = max(start, lookedAt[reader.partition] ?? start) }
        }
        defer { report() }
        guard let window = next, let settled = await carryOut(window.steps, of: reader.partition) else {
            return false
        }
        Failpoint.beforeReactorCheckpoint.reach()
        var isSaved = false
        try status.attempt("checkpoint") {
            try store.save(
                [reader.partition: window.progress], refusals: settled.refusals, timers: window.timers, at: clock.now)
            noteTimers(window.timers)
            // A writer's clock that is ahead says nothing about what is acknowledged by now.
            if window.last <= start { noteHandled(window.last, of: reader.partition) }
            isSaved = true
        }
        guard isSaved else { return false }
        feed.count { $0.eventsFromLog += window.events }
        note(window, of: reader.partition, from: start, retries: settled.retries)
        return true
    }

    private func window(of reader: any PartitionReader) throws -> Window? {
        var window = Window(progress: store.progress[reader.partition] ?? Progress())
        let page = try reader.events(after: window.progress.position, limit: limits.windowMax)
        guard let last = page.last else { return nil }
        for event in page {
            guard try react(to: event, &window) else { continue }
            window.progress.applied += 1
        }
        window.progress.position = last.position
        window.progress.epoch = last.epoch
        window.progress.digest = try reader.commit(holding: last.position)?.digest ?? []
        window.events = UInt64(page.count)
        window.last = last.recorded
        return window
    }

    /// Recorded times never go back within a partition, so whatever was recorded earlier is handled too.
    private func noteHandled(_ recorded: Timestamp, of partition: PartitionID) {
        let before = Timestamp(nanoseconds: recorded.nanoseconds &- 1)
        lookedAt[partition] = max(before, lookedAt[partition] ?? before)
    }

    private func note(_ window: Window, of partition: PartitionID, from start: Timestamp, retries: Int) {
        guard let spans else { return }
        let last = window.progress.position
        let first = Position(last.rawValue - window.events + 1)
        spans.note(HandlingSpan(.react, partition, first, last, start: start, end: spans.now, retries: retries))
    }

    func report() {
        status.update(feed.counters, positions: store.progress.mapValues(\.position), pending: 0)
    }

    /// Rounds: the first step of every stream together, then the second, and so on. nil when stopped in between.
    private func carryOut(_ steps: [Step], of partition: PartitionID) async -> Settled? {
        var all = Settled()
        var rest = steps
        while !rest.isEmpty {
            var busy: Set<StreamName> = []
            var round: [CommandRequest] = []
            var later: [Step] = []
            for step in rest {
                if busy.insert(step.stream).inserted {
                    round.append(contentsOf: step.commands)
                } else {
                    later.append(step)
                }
            }
            guard let settled = await settle(round, "follow-ups of partition \(partition)") else { return nil }
            all.refusals += settled.refusals
            all.retries += settled.retries
            rest = later
        }
        return all
    }

    /// What became of commands that all ended.
    struct Settled {
        var refusals: [ReactorStore.Refusal] = []
        /// How often commands were sent again.
        var retries = 0
    }

    /// Sends until every command ended accepted or rejected; nil when stopped before. Says what it waits for once that
    /// lasts.
    func settle(_ commands: [CommandRequest], _ what: String) async -> Settled? {
        let start = clock.now
        defer { status.hold(what, nil) }
        var settled = Settled()
        var open = commands
        var wait = limits.retryMin
        while !open.isEmpty {
            let deadline = clock.now + limits.deadline
            for index in open.indices { open[index].deadline = deadline }
            let answers = await sender.send(open)
            var unsettled: [CommandRequest] = []
            var newest: CommandAnswer?
            for (command, answer) in zip(open, answers) {
                switch answer.outcome {
                case .accepted: continue
                case .rejected, .conflict: settled.refusals.append(.init(command: command, answer: answer))
                case .overloaded, .unavailable, .unknown, .moved:
                    unsettled.append(command)
                    newest = answer
                }
            }
            open = unsettled
            settled.retries += open.count
            guard !feed.isClosed else { return open.isEmpty ? settled : nil }
            if let newest {
                if clock.now - start >= limits.retryMax { status.hold(what, Self.words(open.count, newest)) }
                do { try await clock.sleep(for: wait) } catch { return nil }
                wait = min(wait * 2, limits.retryMax)
            }
        }
        return settled
    }

    private static func words(_ count: Int, _ answer: CommandAnswer) -> String {
        "\(count) command\(count == 1 ? "" : "s") to partition \(answer.partition) \(answer.outcome), "
            + "\(answer.reason ?? "no answer in time"); see who owns it: roost ps"
    }

    /// Adds what an event leads to; false when it is filtered.
    private func react(to event: RecordedEvent, _ window: inout Window) throws -> Bool {
        var followUps: [(part: RecordedEvent, index: Int, FollowUp)] = []
        do {
            let isRouted = try routes.take(event, codec.events) { part, route in
                let reactions = try route.react(part, codec.events.payloads)
                followUps += reactions.enumerated().map { (part, $0, $1) }
            }
            guard isRouted else { return false }
        } catch {
            throw ReaderFailure(
                "\(reactor.name) failed at event \(event.eventID) (\(event.type), \(event.stream)): \(error)",
                correlationID: event.correlationID)
        }
        window.timers += try followUps.compactMap { part, index, followUp in try timerChange(followUp, index, part) }
        let commands = try followUps.compactMap { part, index, followUp -> CommandRequest? in
            guard case .send(let command) = followUp.action else { return nil }
            return try request(command, to: followUp.stream, index, part)
        }
        window.steps.append(Step(stream: event.stream, commands: commands))
        return true
    }

    func request(
        _ command: any CommandPayload, to stream: StreamName, _ index: Int, _ event: RecordedEvent
    ) throws -> CommandRequest {
        CommandRequest(
            partition: try partition(of: stream), deadline: clock.now, stream: stream,
            command: type(of: command).name,
            commandID: CommandID(derivedFrom: event.eventID, part: event.part, reactor: reactor.name, index: index),
            correlationID: event.correlationID, causationID: event.eventID, depth: event.depth + 1,
            traceparent: event.traceparent, occurred: event.isImported ? event.occurred : nil,
            payload: try encode(command))
    }

    func partition(of stream: StreamName) throws -> PartitionID {
        guard let partition = placement.partition(of: stream) else {
            throw ReaderFailure("\(reactor.name) sends to \(stream), whose category no group of the log holds")
        }
        return partition
    }

    private func encode<Payload: CommandPayload>(_ payload: Payload) throws -> Bytes {
        try codec.encoder.encode(payload) { Bytes(SharedBytes($0), offset: 0, count: $0.count) }
    }
}
