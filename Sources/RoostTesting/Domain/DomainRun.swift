public import RoostCore
import RoostJSON
public import RoostNode

/// A whole domain in memory, one command after the other: aggregates decide, reactors follow up until all is quiet.
///
/// It gives tests of projections and of whole chains their events without processes, disk or clock: the same calls
/// give the same events, IDs and times included.
public final class DomainRun {
    /// The events of each partition, in order.
    public private(set) var partitions: [[RecordedEvent]]
    /// Follow-up commands that were refused, and why.
    public private(set) var rejections: [(stream: StreamName, reason: String)] = []
    let domain: Domain
    private let placement: Placement
    private let encoder = JSONPayloadEncoder()
    private let decoder = JSONPayloadDecoder()
    private var identifiers: UniqueIDs
    private var clock: Timestamp
    private var streams: [StreamName: (state: any Sendable, version: StreamVersion)] = [:]
    private var commands = 0
    private var timers: [Timer] = []

    /// Starts with an empty log at `start`; every event is recorded one millisecond after the one before.
    public init(
        _ domain: Domain, placement: Placement, seed: UInt64 = 1, start: Timestamp = Timestamp(seconds: 1_300_000_000)
    ) {
        self.domain = domain
        self.placement = placement
        clock = start
        identifiers = UniqueIDs(random: SeededRandom(seed: seed))
        partitions = Array(repeating: [], count: Int(placement.partitionCount))
    }

    /// All events of the log in the order in which they were recorded.
    public var events: [RecordedEvent] { partitions.joined().sorted { $0.recorded < $1.recorded } }

    /// Sends a command as its JSON and returns all events of the chain. Throws when it is refused itself.
    @discardableResult
    public func send(
        _ command: any CommandPayload, to stream: StreamName, occurred: Timestamp? = nil
    ) throws -> [RecordedEvent] {
        commands += 1
        let context = CommandContext(
            stream: stream, commandID: try CommandID("command-\(commands)"), fingerprint: 0,
            correlationID: identifiers.next(at: clock), isImported: occurred != nil)
        return try follow(try handle(command, context, occurred))
    }

    /// The events and everything that reactors make of them.
    private func follow(_ events: [RecordedEvent]) throws -> [RecordedEvent] {
        var chain = events
        var next = 0
        while next < chain.count {
            chain += try react(to: chain[next])
            next += 1
        }
        return chain
    }

    /// Sends a command that an importer has read.
    @discardableResult
    public func send(_ imported: ImportedCommand) throws -> [RecordedEvent] {
        let payload = try Self.payload(imported, domain, decoder)
        return try send(payload, to: imported.stream, occurred: imported.occurred)
    }

    /// A command that a reactor has put off.
    private struct Timer {
        let due: Timestamp
        let name: TimerName
        let stream: StreamName
        let command: any CommandPayload
        let context: CommandContext
    }

    /// The moments of pending timers, the first one first.
    public var pendingTimers: [(stream: StreamName, timer: TimerName, due: Timestamp)] {
        timers.sorted { $0.due < $1.due }.map { ($0.stream, $0.name, $0.due) }
    }

    /// Lets time pass: carries out every timer that is due by then, at its own moment, and all that follows. Returns the
    /// events.
    @discardableResult
    public func advance(by duration: Duration) throws -> [RecordedEvent] {
        let end = clock + duration
        var events: [RecordedEvent] = []
        while let next = timers.min(by: { $0.due < $1.due }), next.due <= end {
            timers.removeAll { $0.stream == next.stream && $0.name == next.name }
            clock = max(clock, next.due)
            events += try follow(try attempt(next.command, next.context, nil))
        }
        clock = max(clock, end)
        return events
    }

    private func react(to event: RecordedEvent) throws -> [RecordedEvent] {
        var events: [RecordedEvent] = []
        for reactor in domain.reactors {
            for route in reactor.routes where route.type == event.type {
                for (index, followUp) in try route.react(event, decoder).enumerated() {
                    events += try follow(followUp, event, reactor.name, index)
                }
            }
        }
        return events
    }

    private func follow(
        _ followUp: FollowUp, _ event: RecordedEvent, _ reactor: String, _ index: Int
    ) throws -> [RecordedEvent] {
        let context = CommandContext(
            stream: followUp.stream,
            commandID: CommandID(derivedFrom: event.eventID, part: 0, reactor: reactor, index: index),
            fingerprint: 0, correlationID: event.correlationID, causationID: event.eventID, depth: event.depth + 1,
            isImported: event.isImported)
        switch followUp.action {
        case .send(let command): return try attempt(command, context, event.isImported ? event.occurred : nil)
        case .cancel(let name): timers.removeAll { $0.stream == followUp.stream && $0.name == name }
        case .set(let name, let command, let moment):
            timers.removeAll { $0.stream == followUp.stream && $0.name == name }
            timers.append(
                Timer(
                    due: moment.due(setBy: event), name: name, stream: followUp.stream, command: command,
                    context: context))
        }
        return []
    }

    private func attempt(
        _ command: any CommandPayload, _ context: CommandContext, _ occurred: Timestamp?
    ) throws -> [RecordedEvent] {
        do {
            return try handle(command, context, occurred)
        } catch let rejection as Rejection {
            rejections.append((context.stream, rejection.reason))
            return []
        }
    }

    private func handle(
        _ command: any CommandPayload, _ context: CommandContext, _ occurred: Timestamp?
    ) throws -> [RecordedEvent] {
        guard let aggregate = domain.aggregates.first(where: { $0.category == context.stream.category }) else {
            throw SpecFailure("the domain has no category '\(context.stream.category)'")
        }
        return try decide(aggregate, command, context, occurred)
    }

    private func decide<Subject: Aggregate>(
        _ aggregate: Subject.Type, _ payload: any CommandPayload, _ context: CommandContext, _ occurred: Timestamp?
    ) throws -> [RecordedEvent] {
        let name = type(of: payload).name
        guard let kind = Subject.Command.kinds.first(where: { $0.name == name }) else {
            throw SpecFailure("\(Subject.category) knows no command '\(name)'")
        }
        let command = try encoder.encode(payload) { try kind.decode(decoder, $0) }
        let stored = streams[context.stream]
        var state = stored?.state as? Subject.State ?? Subject.initial(id: context.stream.id)
        var version = stored?.version ?? .none
        return try Subject.decide(command, state).map { event in
            version = version.next
            let recorded = try record(event.payload, context, version, occurred)
            Subject.evolve(&state, try read(recorded, as: Subject.Event.self))
            streams[context.stream] = (state, version)
            return recorded
        }
    }

    /// What was stored is what is folded, so that a payload that does not survive its own JSON is noticed.
    private func read<Event: EventSet>(_ recorded: RecordedEvent, as type: Event.Type) throws -> Event {
        guard let kind = Event.kinds.first(where: { $0.name == recorded.type }) else {
            throw SpecFailure("no kind of \(Event.self) is called '\(recorded.type)'")
        }
        return try recorded.payload.withUnsafeBytes { try kind.decode(decoder, $0) }
    }

    private func record(
        _ payload: any EventPayload, _ context: CommandContext, _ version: StreamVersion, _ occurred: Timestamp?
    ) throws -> RecordedEvent {
        guard let partition = placement.partition(of: context.stream) else {
            throw SpecFailure("no group of the placement holds '\(context.stream.category)'")
        }
        clock = clock + .milliseconds(1)
        let new = NewEvent(
            eventID: identifiers.next(at: clock), type: type(of: payload).type,
            schemaVersion: type(of: payload).schemaVersion, payload: Bytes(try encoder.bytes(payload)),
            subject: payload.subject, occurred: occurred ?? clock)
        var writer = EventWriter(capacity: 1024)
        let offset = writer.append(context, new)
        let index = Int(partition.rawValue)
        writer.place(
            at: offset, position: Position(UInt64(partitions[index].count + 1)), version: version, recorded: clock,
            epoch: Epoch(1))
        let recorded = try EventPage(parsing: writer.finish())[0]
        partitions[index].append(recorded)
        return recorded
    }

    private static func payload(
        _ imported: ImportedCommand, _ domain: Domain, _ decoder: JSONPayloadDecoder
    ) throws -> any CommandPayload {
        guard let aggregate = domain.aggregates.first(where: { $0.category == imported.stream.category }) else {
            throw SpecFailure("the domain has no category '\(imported.stream.category)'")
        }
        return try payload(imported, aggregate, decoder)
    }

    private static func payload<Subject: Aggregate>(
        _ imported: ImportedCommand, _ aggregate: Subject.Type, _ decoder: JSONPayloadDecoder
    ) throws -> any CommandPayload {
        guard let kind = Subject.Command.kinds.first(where: { $0.name == imported.command }) else {
            throw SpecFailure("\(Subject.category) knows no command '\(imported.command)'")
        }
        return try imported.data.withUnsafeBytes { try kind.decode(decoder, $0) }.payload
    }
}
