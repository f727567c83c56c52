/// How a command ended.
public enum CommandOutcome: UInt8, Hashable, Sendable, CaseIterable {
    /// Durable, or durable since an earlier time when the command was sent before.
    case accepted = 1
    /// Refused by the domain, or malformed: sending it again unchanged will not help.
    case rejected = 2
    /// The stream is not at the expected version. Nothing was stored.
    case conflict = 3
    /// Certainly not executed: too much waits already. Try again later with the same ID.
    case overloaded = 4
    /// Certainly not executed: the store cannot write, or nobody owns the partition now. Try again with the same ID.
    case unavailable = 5
    /// Nobody knows. Try again with the same ID: it will not be executed twice.
    case unknown = 6
    /// Certainly not executed: another process owns the partition. The answer says which.
    case moved = 7
}

/// The answer to one command.
public struct CommandAnswer: Hashable, Sendable {
    /// Where a partition has moved.
    public struct Route: Hashable, Sendable {
        /// The epoch under which the partition is owned there.
        public let epoch: Epoch
        /// The command endpoint of the owner.
        public let endpoint: String
        /// As the newest claim of the partition says it.
        public init(epoch: Epoch, endpoint: String) {
            self.epoch = epoch
            self.endpoint = endpoint
        }
    }

    /// The number of the request.
    public var number: UInt64
    /// Says which of the other fields mean something.
    public var outcome: CommandOutcome
    /// How many events the command stored.
    public var events: UInt32
    /// Version of its last event; for a conflict the stream's actual version.
    public var version: StreamVersion
    /// The partition of the request.
    public var partition: PartitionID
    /// Position of its last event: a token that a query can wait for.
    public var position: Position
    /// The chain that the command began or continued; nil when it began none.
    public var correlationID: CorrelationID?
    /// What an accepted command does not need, apart: answers pass through many hands.
    private var refusal: Refusal?

    /// `code`, `reason`, `next` and `route` explain a command that was not accepted.
    public init(
        number: UInt64, outcome: CommandOutcome, events: UInt32 = 0, version: StreamVersion = .none,
        partition: PartitionID, position: Position = .start, correlationID: CorrelationID? = nil,
        code: String? = nil, reason: String? = nil, next: String? = nil, route: Route? = nil
    ) {
        self.number = number
        self.outcome = outcome
        self.events = events
        self.version = version
        self.partition = partition
        self.position = position
        self.correlationID = correlationID
        guard code != nil || reason != nil || next != nil || route != nil else { return }
        refusal = Refusal(code: code, reason: reason, next: next, route: route)
    }
}

extension CommandAnswer {
    /// Why a command was not accepted. Never changed once made, so answers share it.
    private final class Refusal: Hashable, Sendable {
        let code: String?
        let reason: String?
        let next: String?
        let route: Route?

        init(code: String?, reason: String?, next: String?, route: Route?) {
            self.code = code
            self.reason = reason
            self.next = next
            self.route = route
        }

        static func == (left: Refusal, right: Refusal) -> Bool {
            left.code == right.code && left.reason == right.reason && left.next == right.next
                && left.route == right.route
        }

        func hash(into hasher: inout Hasher) {
            hasher.combine(code)
            hasher.combine(reason)
        }
    }

    /// A constant word for programs, such as `commandIDReused`; nil when accepted.
    public var code: String? { refusal?.code }
    /// Why, for a person.
    public var reason: String? { refusal?.reason }
    /// What to do next, for a person.
    public var next: String? { refusal?.next }
    /// Where the partition has moved.
    public var route: Route? { refusal?.route }

    /// The command was accepted: there is nothing to explain.
    var isPlain: Bool { refusal == nil }

    /// Explains an answer that is not `accepted`.
    package mutating func explain(code: String, reason: String, next: String? = nil) {
        refusal = Refusal(code: code, reason: reason, next: next, route: route)
    }
}
