public import RoostCore

/// What the outside may see of a domain: internal events in, public events out.
///
/// A process of its own with a database of its own. Every public event gets the next number of the feed, without holes, in the
/// transaction that moves the checkpoint: it is published at least once, always with the same number and the same ID. A
/// rebuild of a projection never fires it. Handlers keep to the law of projections: they see the event and the feed's own
/// tables, and nothing else.
public protocol PublicFeed: Sendable {
    /// The name of its process in the topology. Part of every ID, so it never changes.
    static var name: String { get }
    /// Who publishes, as the CloudEvents attribute `source`: a URI reference such as `/shop`.
    static var source: String { get }
    /// Everything that it may publish; nothing else leaves.
    static var events: [any PublicEvent.Type] { get }
    /// What it has to remember to make one public event of several internal ones.
    static var tables: [TableDefinition] { get }
    /// What it makes of each type of internal event; all other types are filtered.
    static var routes: [FeedRoute] { get }
}

extension PublicFeed {
    /// None, until a feed says otherwise.
    public static var tables: [TableDefinition] { [] }
}

/// What a feed makes of one type of internal event.
public struct FeedRoute: Sendable {
    /// The declared name of the internal type, as in `OrderPlaced`.
    public let type: String
    package let publish: @Sendable (RecordedEvent, any PayloadDecoder, Tables) throws -> [any PublicEvent]

    /// Decodes only the fields that `Payload` declares. Returns what becomes public, in order; none for nothing.
    public static func on<Payload: Decodable & SendableMetatype>(
        _ type: String, _ payload: Payload.Type,
        _ body: @escaping @Sendable (Payload, RecordedEvent, Tables) throws -> [any PublicEvent]
    ) -> FeedRoute {
        FeedRoute(type: type) { event, decoder, tables in
            let payload = try event.payload.withUnsafeBytes { try decoder.decode(Payload.self, from: $0) }
            return try body(payload, event, tables)
        }
    }
}
