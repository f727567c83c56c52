package import RoostCore
package import RoostTrace

/// What became of one command. Document `roost.sent/1`.
package struct SentDocument: Codable, Sendable {
    package static let schema = "roost.sent/1"

    package let schema: String
    package let outcome: String
    /// A constant word for programs, such as `commandIDReused`.
    @Explicit package private(set) var code: String?
    @Explicit package private(set) var reason: String?
    @Explicit package private(set) var next: String?
    @Explicit package private(set) var correlationID: CorrelationID?
    package let commandID: String
    package let stream: String
    /// How many events the command stored.
    package let events: Int
    /// Version of the last event; for a conflict the version the stream really has.
    package let version: StreamVersion
    @Explicit package private(set) var partition: PartitionID?
    /// Position of the last event.
    package let position: Position
    /// What a query must be given to show the result: see `ReadToken`. null when nothing was stored.
    @Explicit package private(set) var token: String?
    /// After a conflict: what happened to the stream since the version that was expected, the first twenty events.
    @Explicit package private(set) var between: [HistoryDocument.Entry]?

    package init(
        _ answer: CommandAnswer, commandID: CommandID, stream: StreamName, isPlaced: Bool = true,
        between: [HistoryDocument.Entry]? = nil
    ) {
        schema = Self.schema
        outcome = answer.outcome.word
        _code = Explicit(wrappedValue: answer.code)
        _reason = Explicit(wrappedValue: answer.reason)
        _next = Explicit(wrappedValue: answer.next)
        _correlationID = Explicit(wrappedValue: answer.correlationID)
        self.commandID = commandID.description
        self.stream = stream.description
        events = Int(answer.events)
        version = answer.version
        _partition = Explicit(wrappedValue: isPlaced ? answer.partition : nil)
        position = answer.position
        _between = Explicit(wrappedValue: between)
        let isStored = answer.outcome == .accepted && answer.position > .start
        _token = Explicit(
            wrappedValue: isStored ? ReadToken(answer.partition, answer.position).description : nil)
    }
}

extension CommandOutcome {
    /// The word that documents use. A route that could not be followed is `unavailable` to whoever asked.
    package var word: String {
        switch self {
        case .accepted: "accepted"
        case .rejected: "rejected"
        case .conflict: "conflict"
        case .overloaded: "overloaded"
        case .unavailable, .moved: "unavailable"
        case .unknown: "unknown"
        }
    }

    package var exitCode: Int32 {
        switch self {
        case .accepted: 0
        case .rejected, .conflict: 2
        case .overloaded, .unavailable, .unknown, .moved: 1
        }
    }

    package var httpStatus: Int {
        switch self {
        case .accepted: 200
        case .rejected: 422
        case .conflict: 409
        case .overloaded: 429
        case .unavailable, .moved: 503
        case .unknown: 504
        }
    }

    /// Trying again with the same ID may help and cannot execute the command twice.
    package var isRetriable: Bool {
        switch self {
        case .accepted, .rejected, .conflict: false
        case .overloaded, .unavailable, .unknown, .moved: true
        }
    }
}
