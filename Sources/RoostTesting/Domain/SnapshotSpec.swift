public import RoostCore
import RoostJSON
import RoostNode

/// Checks that the state of an aggregate survives being kept and read again, at any version: what a snapshot does.
///
///     try SnapshotSpec<Order>(id: "17").holds(for: events)
///
/// What does not hold is thrown.
public struct SnapshotSpec<Subject: Aggregate> {
    private let id: String

    /// For the stream `category/id`.
    public init(_ type: Subject.Type = Subject.self, id: String) { self.id = id }

    /// For every cut of the history: the state before it, kept and read again, and the rest of the events lead to the
    /// state that all events lead to.
    public func holds(for events: [Subject.Event]) throws {
        let whole = fold(events, from: Subject.initial(id: id))
        for cut in 0...events.count {
            let kept = try JSONPayloadEncoder().bytes(fold(events[..<cut], from: Subject.initial(id: id)))
            let state = fold(events[cut...], from: try JSONPayloadDecoder().decode(Subject.State.self, from: kept))
            guard try isSame(state, whole) else {
                throw SpecFailure(
                    "the state after \(cut) of \(events.count) events does not survive being kept: "
                        + "every field of \(Subject.State.self) must be encoded and decoded alike")
            }
        }
    }

    /// As the type itself compares, where it does: a field that is not encoded is missing on both sides of an encoding.
    private func isSame(_ left: Subject.State, _ right: Subject.State) throws -> Bool {
        if let left = left as? any Equatable { return left.equals(right) }
        return try JSONPayloadEncoder().bytes(left) == JSONPayloadEncoder().bytes(right)
    }

    /// The samples show every kind of event, so that a changed fold is noticed, and survive being kept.
    public func samplesAreComplete() throws {
        let missing = FoldIdentity.kindsWithoutSample(Subject.self)
        guard missing.isEmpty else {
            throw SpecFailure("the samples of '\(Subject.category)' show no \(missing.joined(separator: ", "))")
        }
        try holds(for: Subject.samples)
    }

    private func fold(_ events: some Sequence<Subject.Event>, from start: Subject.State) -> Subject.State {
        events.reduce(into: start) { Subject.evolve(&$0, $1) }
    }
}

extension Equatable {
    fileprivate func equals(_ other: Any) -> Bool { other as? Self == self }
}
