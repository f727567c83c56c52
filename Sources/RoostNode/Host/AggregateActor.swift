import RoostCore
import RoostLog

/// The state of one stream, evolved at decide time: ahead of the log by the commits in flight.
///
/// It remembers the identity of every command that stored events here, so a repeated command is noticed without
/// asking the log. When a commit fails, the host forgets the actor and loads another.
actor AggregateActor<A: Aggregate>: LiveAggregate {
    private let stream: StreamName
    private let vocabulary: Vocabulary<A>
    private let lane: any SerialExecutor
    private var state: A.State
    private var version = StreamVersion.none
    private var commands: Set<UInt64> = []

    nonisolated var unownedExecutor: UnownedSerialExecutor { lane.asUnownedSerialExecutor() }

    init(_ stream: StreamName, _ vocabulary: Vocabulary<A>, _ lane: any SerialExecutor) {
        self.stream = stream
        self.vocabulary = vocabulary
        self.lane = lane
        state = A.initial(id: stream.id)
    }

    func load(from reader: any PartitionReader, with tools: DecisionTools) throws {
        while true {
            let page = try reader.events(of: stream, from: version.next, limit: 1000)
            guard !page.isEmpty else { return }
            for event in page { try apply(event, tools.decoder) }
        }
    }

    private func apply(_ event: RecordedEvent, _ decoder: any PayloadDecoder) throws {
        A.evolve(&state, try vocabulary.event(event, decoder))
        version = event.version
        commands.insert(StableHash.folded(event.commandID.description))
    }

    func handle(_ delivery: CommandDelivery, into commit: Commit, with tools: DecisionTools) {
        let context = context(delivery, tools)
        let hash = StableHash.folded(context.commandID.description)
        if !commands.insert(hash).inserted {
            commit.replies.append(
                .repeated(port: delivery.port, number: delivery.request.number, context: context))
        } else if let refusal = store(delivery, context, in: commit, with: tools) {
            commands.remove(hash)
            commit.replies.append(.decided(port: delivery.port, answer: refusal))
        } else {
            commit.replies.append(
                .stored(
                    port: delivery.port, number: delivery.request.number, entry: commit.batch.commandCount - 1,
                    correlationID: context.correlationID))
        }
    }

    private func context(_ delivery: CommandDelivery, _ tools: DecisionTools) -> CommandContext {
        CommandContext(
            stream: stream, commandID: delivery.request.commandID, fingerprint: delivery.fingerprint,
            correlationID: delivery.request.correlationID ?? tools.ids.next(at: tools.now),
            causationID: delivery.request.causationID, depth: delivery.request.depth,
            traceparent: delivery.request.traceparent, isImported: delivery.request.occurred != nil)
    }

    /// Decides and evolves; nil when events joined the commit, otherwise the answer.
    private func store(
        _ delivery: CommandDelivery, _ context: CommandContext, in commit: Commit, with tools: DecisionTools
    ) -> CommandAnswer? {
        if let conflict = conflict(delivery) { return conflict }
        do {
            let events = try A.decide(try command(delivery, tools.decoder), state)
            guard !events.isEmpty else { return accepted(delivery.request, context) }
            guard events.count <= EventLimits.eventsPerCommandMax else {
                throw Rejection("the command would store \(events.count) events, 512 are allowed")
            }
            try write(events, delivery.request.occurred ?? tools.now, context, commit.batch, tools)
            for event in events { A.evolve(&state, event) }
            version = StreamVersion(version.rawValue + UInt64(events.count))
            return nil
        } catch let refusal as Refusal {
            return delivery.request.rejected(refusal.code, refusal.reason, next: refusal.next, version: version)
        } catch let rejection as Rejection {
            return delivery.request.rejected("rejected", rejection.reason, next: rejection.next, version: version)
        } catch {
            return delivery.request.rejected("failed", "the command could not be decided: \(error)", version: version)
        }
    }

    private func command(_ delivery: CommandDelivery, _ decoder: any PayloadDecoder) throws -> A.Command {
        let name = delivery.request.command
        guard let kind = vocabulary.commands[name] else {
            throw Refusal(
                code: "unknownCommand", reason: "\(A.category) knows no command '\(name)'",
                next: "use one of: " + vocabulary.commands.keys.sorted().joined(separator: ", "))
        }
        do {
            return try delivery.request.payload.withUnsafeBytes { try kind.decode(decoder, $0) }
        } catch {
            throw Refusal(
                code: "malformedData", reason: "the data of \(name) cannot be read: \(error)",
                next: "compare the data with the fields of \(name)")
        }
    }

    private func write(
        _ events: [A.Event], _ occurred: Timestamp, _ context: CommandContext, _ batch: AppendBatch,
        _ tools: DecisionTools
    ) throws {
        let start = batch.writer.count
        do {
            for event in events { try write(event.payload, occurred, context, batch, tools) }
        } catch {
            batch.writer.truncate(to: start)
            throw error
        }
        batch.closeEntry(
            context, expected: .exactly(version), comparedThrough: version, from: start, events: events.count)
    }

    private func write<Payload: EventPayload>(
        _ payload: Payload, _ occurred: Timestamp, _ context: CommandContext, _ batch: AppendBatch,
        _ tools: DecisionTools
    ) throws {
        let id: EventID = tools.ids.next(at: tools.now)
        let subject = payload.subject
        guard subject?.utf8.count ?? 0 <= EventLimits.subjectBytesMax else {
            throw Rejection(
                "the subject of \(Payload.type) would have \(subject?.utf8.count ?? 0) bytes, 256 are allowed")
        }
        try tools.encoder.encode(payload) { bytes in
            guard bytes.count <= EventLimits.payloadBytesMax else {
                throw Rejection("\(Payload.type) would have \(bytes.count) bytes, 1 MiB is allowed")
            }
            _ = batch.writer.append(
                context, eventID: id, type: Payload.type, schemaVersion: Payload.schemaVersion,
                subject: subject, occurred: occurred, payload: bytes)
        }
    }

    private func conflict(_ delivery: CommandDelivery) -> CommandAnswer? {
        let isAsExpected =
            switch delivery.request.expected {
            case .any: true
            case .noStream: version == .none
            case .exactly(let expected): version == expected
            }
        guard !isAsExpected else { return nil }
        return delivery.request.answer(
            .conflict, version: version, code: "versionConflict",
            reason: "\(stream) is at version \(version), not where the command expected it",
            next: "look at what happened: roost events stream \(stream)")
    }

    private func accepted(_ request: CommandRequest, _ context: CommandContext) -> CommandAnswer {
        request.answer(.accepted, version: version, correlationID: context.correlationID)
    }
}

/// A command that never reached the domain's rules, with a word for programs.
struct Refusal: Error {
    let code: String
    let reason: String
    let next: String?
}
