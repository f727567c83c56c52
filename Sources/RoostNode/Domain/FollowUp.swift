public import RoostCore

/// What a reactor wants done because of an event: a command now or later, or a later one not at all.
public struct FollowUp: Sendable {
    /// What shall happen.
    public enum Action: Sendable {
        /// The command is sent at once.
        case send(any CommandPayload)
        /// The command is sent when the moment has come, unless the timer is cancelled or set again before.
        case set(TimerName, any CommandPayload, TimerMoment)
        /// The timer is forgotten, if it is still pending.
        case cancel(TimerName)
    }

    /// Where the command is decided; on any partition of the log. A timer belongs to it.
    public let stream: StreamName
    /// What shall happen there.
    public let action: Action

    /// Reads as it is meant: this command, to that stream. Encoded when it is sent; the same at every retry.
    public init(_ command: any CommandPayload, to stream: StreamName) {
        self.init(stream: stream, action: .send(command))
    }

    /// This command, to that stream, at a time or after a delay. There is one pending timer of a name for each stream: setting
    /// it again moves it.
    ///
    /// Durable with the reactor's checkpoint. Carried out exactly once, with the correlation ID of the event that set it and
    /// that event as its cause, also when the process was killed or away when it was due. Never before its moment; after it
    /// as soon as the reactor has handled every event that its partition held at that moment: a timer whose cancelling event
    /// was acknowledged in the same partition before it was due is not carried out.
    public init(_ command: any CommandPayload, to stream: StreamName, _ moment: TimerMoment, timer: TimerName) {
        self.init(stream: stream, action: .set(timer, command, moment))
    }

    private init(stream: StreamName, action: Action) {
        self.stream = stream
        self.action = action
    }

    /// Forgets a pending timer; does nothing when there is none. Let events of the same partition set and cancel a timer, best
    /// of the same stream: there is no order between partitions.
    public static func cancel(timer: TimerName, of stream: StreamName) -> FollowUp {
        FollowUp(stream: stream, action: .cancel(timer))
    }
}

/// When a timer is due.
public enum TimerMoment: Hashable, Sendable {
    /// So long after the event was recorded; never negative. Imported events count from their import.
    case after(Duration)
    /// At this time; at once when it has passed.
    case at(Timestamp)

    package func due(setBy event: RecordedEvent) -> Timestamp {
        switch self {
        case .after(let delay): event.recorded + max(delay, .zero)
        case .at(let time): time
        }
    }
}

/// Tells the timers of one stream apart, as in `unpaid`: 1 to 64 bytes.
public struct TimerName: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The name as it was given.
    public let description: String

    /// Throws for a name that is empty or too long.
    public init(_ name: String) throws(InvalidName) {
        guard (1...64).contains(name.utf8.count) else {
            throw InvalidName("a timer's name has 1 to 64 bytes, '\(name.prefix(80))' has \(name.utf8.count)")
        }
        description = name
    }

    /// A name in the source. Traps when it is empty or too long.
    public init(stringLiteral name: String) {
        precondition((1...64).contains(name.utf8.count), "a timer's name has 1 to 64 bytes")
        description = name
    }
}
