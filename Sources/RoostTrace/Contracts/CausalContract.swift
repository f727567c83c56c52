public import RoostCore

/// What has to hold of cause and effect, declared beside the domain and checked over everything that ever happened:
///
///     static let contracts: [CausalContract] = [
///         .every(OrderShipped.self, leadsTo: InventoryDecremented.self, within: .seconds(30)) { shipped in
///             shipped.lines.map(\.number)
///         } matching: { decremented in
///             decremented.line
///         },
///         .every(OrderPaid.self, isCausedBy: [OrderPlaced.self]),
///         .noChain(deeperThan: 20),
///     ]
///
/// What holds of every log need not be declared: every cause is in the log, an effect has the correlation ID of its cause,
/// no chain goes in a circle, no event ID is there twice.
public struct CausalContract: Sendable {
    /// The contract as a sentence; what findings are listed under.
    public let name: String
    package let rule: Rule

    package enum Rule: Sendable {
        case effects(Effects)
        case causes(of: String, oneOf: Set<String>)
        case depth(UInt16)
    }

    /// One effect for each key of a cause.
    package struct Effects: Sendable {
        package let cause: Keys
        package let effect: Keys
        package let within: Duration
    }

    /// A type of event, and which keys an event of it names.
    package struct Keys: Sendable {
        package let type: String
        package let read: @Sendable (RecordedEvent, any PayloadDecoder) throws -> [String]
    }

    /// Every `Cause` is the direct cause of exactly one `Effect` for each of its keys, recorded within a time after it. An
    /// effect that comes later is a warning of its own, and none while whoever issues it was busy with earlier causes.
    ///
    /// Payloads are read in the version that they declare. Keys are shown in findings, so they should hold no personal data, which
    /// is gone anyway once its subject is erased. A closure that throws ends the check.
    public static func every<
        Cause: EventPayload, Effect: EventPayload, Key: Hashable & LosslessStringConvertible & SendableMetatype
    >(
        _ cause: Cause.Type, leadsTo effect: Effect.Type, within: Duration,
        oneForEach keys: @escaping @Sendable (Cause) throws -> [Key],
        matching key: @escaping @Sendable (Effect) throws -> Key
    ) -> CausalContract {
        CausalContract(
            name: "every \(Cause.type) leads to one \(Effect.type) for each of its keys, within \(within)",
            rule: .effects(
                Effects(
                    cause: Keys(type: Cause.type) { try keys(Self.decode(Cause.self, $0, $1)).map(\.description) },
                    effect: Keys(type: Effect.type) { [try key(Self.decode(Effect.self, $0, $1)).description] },
                    within: within)))
    }

    /// Every `Cause` is the direct cause of exactly one `Effect`, recorded within a time after it. Later effects are treated as
    /// above.
    public static func every<Cause: EventPayload, Effect: EventPayload>(
        _ cause: Cause.Type, leadsTo effect: Effect.Type, within: Duration
    ) -> CausalContract {
        CausalContract(
            name: "every \(Cause.type) leads to one \(Effect.type), within \(within)",
            rule: .effects(
                Effects(
                    cause: Keys(type: Cause.type) { _, _ in [""] },
                    effect: Keys(type: Effect.type) { _, _ in [""] }, within: within)))
    }

    /// Every `Effect` has a cause, and that is of one of these types.
    public static func every<Effect: EventPayload>(
        _ effect: Effect.Type, isCausedBy causes: [any EventPayload.Type]
    ) -> CausalContract {
        let types = causes.map { $0.type }
        return CausalContract(
            name: "every \(Effect.type) is caused by \(types.joined(separator: " or "))",
            rule: .causes(of: Effect.type, oneOf: Set(types)))
    }

    /// No event is more than so many steps away from the first of its chain.
    public static func noChain(deeperThan depth: UInt16) -> CausalContract {
        CausalContract(name: "no chain is deeper than \(depth)", rule: .depth(depth))
    }

    private static func decode<Payload: EventPayload>(
        _ payload: Payload.Type, _ event: RecordedEvent, _ decoder: any PayloadDecoder
    ) throws -> Payload {
        try event.payload.withUnsafeBytes { try decoder.decode(Payload.self, from: $0) }
    }

    /// How long it waits for what may still come.
    package var longest: Duration {
        if case .effects(let effects) = rule { effects.within } else { .zero }
    }

    /// The types of events that it has to see as they are declared today.
    package var types: Set<String> {
        switch rule {
        case .effects(let effects): [effects.cause.type, effects.effect.type]
        case .causes(let effect, let causes): causes.union([effect])
        case .depth: []
        }
    }
}
