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
    private var commands = CommandMemory()

    nonisolated var unownedExecutor: UnownedSerialExecutor { lane.asUnownedSerialExecutor() }

    init(_ stream: StreamName, _ vocabulary: Vocabulary<A>, _ lane: any SerialExecutor) {
        self.stream = stream
        self.vocabulary = vocabulary
        self.lane = lane
        state = A.initial(id: stream.id)
    }

    func load(from reader: any PartitionReader, with tools: DecisionTools) throws {
        var loader = AggregateLoader<A>(stream, vocabulary, tools.events)
        try loader.load(from: reader, startingAt: try snapshot(reader, tools))
        (state, version, commands) = (loader.state, loader.version, loader.commands)
    }

    /// Looked for only where the stream is long enough to have one.
    private func snapshot(_ reader: any PartitionReader, _ tools: DecisionTools) throws -> Snapshot? {
        guard let snapshots = tools.snapshots, let fold = vocabulary.foldIdentity,
            try reader.version(of: stream).rawValue >= A.snapshotEvery
        else { return nil }
        return snapshots.find(stream, foldedAs: fold)
    }

    func handle(_ delivery: CommandDelivery, into commit: Commit, with tools: DecisionTools) {
        let context = context(delivery, tools)
        let hash = StableHash.folded(context.commandID.description)
        if !commands.insert(hash), !Mutant.noCommandIDCheck.isPlanted {
            commit.replies.append(
                .repeated(port: delivery.port, number: delivery.request.number, context: context))
        } else if let refusal = store(delivery, context, in: commit, with: tools) {
            commands.remove(hash)
            commit.replies.append(
                .decided(
                    port: delivery.port, answer: refusal,
                    refusal: tools.spans?.refusal(refusal, of: delivery.request).map { Commit.Refused($0) }))
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
            let events = try A.decide(try command(delivery, tools.events.payloads), state)
            guard !events.isEmpty else { return accepted(delivery.request, context) }
            guard events.count <= EventLimits.eventsPerCommandMax else {
                throw Rejection("the command would store \(events.count) events, 512 are allowed")
            }
            try write(events, delivery.request.occurred ?? tools.now, context, commit.batch, tools)
            for event in events { A.evolve(&state, event) }
            advance(by: events.count, commit)
            return nil
        } catch let refusal as Refusal {
            return delivery.request.rejected(refusal.code, refusal.reason, next: refusal.next, version: version)
        } catch let rejection as Rejection {
            return delivery.request.rejected("rejected", rejection.reason, next: rejection.next, version: version)
        } catch {
            return delivery.request.rejected("failed", "the command could not be decided: \(error)", version: version)
        }
    }

    /// Asks for a snapshot when one is due; it is made once the commit has settled. A snapshot holds eight bytes for each
    /// command of the stream, so the longer that is the rarer they are.
    private func advance(by events: Int, _ commit: Commit) {
        let before = version.rawValue
        version = StreamVersion(before + UInt64(events))
        guard vocabulary.foldIdentity != nil else { return }
        let every = max(A.snapshotEvery, before / 64)
        if version.rawValue / every > before / every { commit.snapshots.append(stream) }
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
            let append = { (bytes: UnsafeRawBufferPointer) in
                guard bytes.count <= EventLimits.payloadBytesMax else {
                    throw Rejection("\(Payload.type) would have \(bytes.count) bytes, 1 MiB is allowed")
                }
                _ = batch.writer.append(
                    context, eventID: id, type: Payload.type, schemaVersion: Payload.schemaVersion,
                    subject: subject, occurred: occurred, payload: bytes)
            }
            guard let sealed = try tools.keys?.seal(bytes, of: subject, in: id) else { return try append(bytes) }
            try sealed.withUnsafeBytes(append)
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
            next: "see whether the command still makes sense: roost state \(stream)")
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
