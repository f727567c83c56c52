public import RoostCore
import RoostJSON
public import RoostNode

/// What a feed makes of a history, without processes or disk.
///
///     let published = try FeedSpec(Partners.self).published(by: run.events)
///     published.map(\.type) == ["OrderConfirmed", "OrderDispatched"]
public struct FeedSpec {
    /// One public event.
    public struct Published: Hashable, Sendable {
        /// From 1, without holes.
        public let number: UInt64
        /// The declared name of the public event.
        public let type: String
        /// What it is about.
        public let subject: String
        /// The whole CloudEvent, in JSON.
        public let json: String
    }

    private let feed: any PublicFeed.Type

    /// Of one feed.
    public init(_ feed: any PublicFeed.Type) { self.feed = feed }

    /// Everything that is published when these events come, in this order.
    public func published(by events: some Sequence<RecordedEvent>) throws -> [Published] {
        let tables = try ProjectionTables(feed.asTables)
        for event in events { try tables.apply(event) }
        return try (tables.contents()["published"] ?? []).map { row in
            Published(
                number: UInt64(row[0].integer ?? 0), type: row[1].text ?? "", subject: row[2].text ?? "",
                json: row[4].text ?? "")
        }
    }

    /// Samples and every published event are the same after being read by their type and written again. `events` should lead to
    /// at least one public event of every type.
    public func check(_ events: some Sequence<RecordedEvent>) throws {
        let published = try published(by: events)
        for event in feed.events {
            let bodies = published.filter { $0.type == event.type }
            guard !bodies.isEmpty else { throw SpecFailure("these events lead to no \(event.type)") }
            try Self.decode(event, try bodies.map { try JSONValue.parse($0.json)["data"] ?? .null })
        }
    }

    private static func decode<Event: PublicEvent>(_ type: Event.Type, _ bodies: [JSONValue]) throws {
        for body in bodies + [try JSONValue(encoding: Event.sample)] {
            let again = try JSONValue(encoding: try JSONPayloadDecoder().decode(Event.self, from: body.bytes))
            guard again == body else { throw SpecFailure("\(Event.type) is not the same after being read and written") }
        }
    }
}
