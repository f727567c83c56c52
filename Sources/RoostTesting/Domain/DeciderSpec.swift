public import RoostCore

/// Checks the rules of an aggregate in the words of its domain: given what happened, when a command comes, then.
///
///     try DeciderSpec<Order>(id: "17")
///         .given(.placed(…))
///         .when(.pay(PayOrder(amount: 1530)))
///         .then(.paid(…))
///
/// Events of the past go through `evolve` as they would after a restart. What does not hold is thrown.
public struct DeciderSpec<Subject: Aggregate> {
    private let id: String
    private var past: [Subject.Event] = []

    /// For the stream `category/id`, which does not exist yet.
    public init(_ type: Subject.Type = Subject.self, id: String) { self.id = id }

    /// What has happened, after what was given before.
    public func given(_ events: Subject.Event...) -> Self {
        var spec = self
        spec.past += events
        return spec
    }

    /// What the commands lead to, none of which may be refused.
    public func given(commands: Subject.Command...) throws -> Self {
        var spec = self
        for command in commands { spec.past += try Subject.decide(command, spec.state) }
        return spec
    }

    /// The state after everything given.
    public var state: Subject.State {
        var state = Subject.initial(id: id)
        for event in past { Subject.evolve(&state, event) }
        return state
    }

    /// Decides.
    public func when(_ command: Subject.Command) -> Decision<Subject.Event> {
        Decision(Result { try Subject.decide(command, state) })
    }
}

/// What an aggregate decided.
public struct Decision<Event: Sendable> {
    private let result: Result<[Event], any Error>

    init(_ result: Result<[Event], any Error>) { self.result = result }

    /// The events; throws the rejection when there is one.
    public var events: [Event] { get throws { try result.get() } }

    /// Exactly these events, in this order.
    public func then(_ expected: Event...) throws where Event: Equatable {
        let events = try accepted()
        guard events == expected else {
            throw SpecFailure("expected \(expected), decided \(events)")
        }
    }

    /// The command is accepted and changes nothing.
    public func thenNothing() throws {
        let events = try accepted()
        guard events.isEmpty else { throw SpecFailure("expected no events, decided \(events)") }
    }

    /// The command is refused with a reason that contains `words`.
    @discardableResult
    public func thenRejected(_ words: String = "") throws -> Rejection {
        switch result {
        case .success(let events): throw SpecFailure("expected a rejection, decided \(events)")
        case .failure(let rejection as Rejection):
            guard words.isEmpty || rejection.reason.contains(words) else {
                throw SpecFailure("expected a reason with '\(words)', got '\(rejection.reason)'")
            }
            return rejection
        case .failure(let error): throw SpecFailure("expected a Rejection, got \(type(of: error)): \(error)")
        }
    }

    private func accepted() throws -> [Event] {
        do {
            return try result.get()
        } catch {
            throw SpecFailure("expected events, was refused: \(error)")
        }
    }
}
