public import RoostCore

/// One place in the log where a causal contract does not hold.
public struct CausalFinding: Codable, Hashable, Sendable {
    /// What is wrong. New kinds may appear.
    public enum Kind: String, Codable, CaseIterable, Sendable {
        /// An effect that has to be there is not.
        case missing
        /// An effect is there once more than it has to be, or an event ID twice.
        case duplicate
        /// An effect came after its time. A warning: nothing is wrong with the log.
        case late
        /// The cause is not in the log, or there is none although there has to be.
        case orphan
        /// The cause is of a type that may not lead to this.
        case wrongCause
        /// The event leads back to itself.
        case cycle
        /// The chain is longer than it may be.
        case tooDeep
        /// The event has another correlation ID than its cause.
        case correlationChanged

        /// Whether it says that something is wrong; a warning does not.
        public var isError: Bool { self != .late }
    }

    /// What is wrong.
    public let kind: Kind
    /// The contract that does not hold.
    public let contract: String
    /// The chain: what `roost trace` takes.
    public let correlationID: CorrelationID
    /// The event that shows it: for something missing its cause.
    public let eventID: EventID
    /// The declared type of that event.
    public let type: String
    /// Where that event is.
    public let partition: PartitionID
    /// Where that event is.
    public let position: Position
    /// What was expected and what was found: of a payload only the key that the contract names.
    public let detail: String
}
