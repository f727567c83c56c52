public import RoostCore

/// Turns events into follow-up commands: how a chain goes on, across streams and processes.
///
/// Guarantees: every event is handled at least once, in the order of its partition; the same event yields the same
/// commands with the same IDs, so a repeated command changes nothing. Handlers see the event and nothing else.
public protocol Reactor: Sendable {
    static var name: String { get }
    /// Where a new reactor starts.
    static var start: ReactorStart { get }
    static var routes: [ReactorRoute] { get }
}

/// Where a reactor that has no checkpoint yet begins.
public enum ReactorStart: Hashable, Sendable { case beginning, head }

/// What a reactor does about one type of event.
public struct ReactorRoute: Sendable {
    /// The declared name of the type, as in `OrderPlaced`.
    public let type: String
    package let react: @Sendable (RecordedEvent, any PayloadDecoder) throws -> [FollowUp]

    /// Decodes only the fields that `Payload` declares.
    public static func on<Payload: Decodable & SendableMetatype>(
        _ type: String, _ payload: Payload.Type,
        _ body: @escaping @Sendable (Payload, RecordedEvent) throws -> [FollowUp]
    ) -> ReactorRoute {
        ReactorRoute(type: type) { event, decoder in
            let payload = try event.payload.withUnsafeBytes { try decoder.decode(Payload.self, from: $0) }
            return try body(payload, event)
        }
    }

    /// For events whose payload does not matter.
    public static func on(
        _ type: String, _ body: @escaping @Sendable (RecordedEvent) throws -> [FollowUp]
    ) -> ReactorRoute {
        ReactorRoute(type: type) { event, _ in try body(event) }
    }
}
