import RoostCore
import RoostJSON

/// A feed as the tables that its process keeps: its own, and what it has published by number.
enum FeedTables<Feed: PublicFeed & SendableMetatype>: Projection {
    static var name: String { Feed.name }
    static var queries: [ProjectionQuery] { [] }
    static var tables: [TableDefinition] {
        Feed.tables + [TableDefinition("published", key: ["number"], sql: published)]
    }

    /// `origin` is the subject of the internal event: whose personal data the body may hold.
    private static var published: String {
        """
        CREATE TABLE published(
            number INTEGER PRIMARY KEY, type TEXT NOT NULL, subject TEXT NOT NULL, origin TEXT, body TEXT NOT NULL)
        """
    }

    static var routes: [ProjectionRoute] {
        Feed.routes.map { route in
            ProjectionRoute(type: route.type) { event, decoder, tables in
                let made = try route.publish(event, decoder, tables)
                for (index, payload) in made.enumerated() { try publish(payload, index, event, tables) }
            }
        }
    }

    private static func publish(
        _ payload: any PublicEvent, _ index: Int, _ event: RecordedEvent, _ tables: Tables
    ) throws {
        let kind = type(of: payload)
        guard Feed.events.contains(where: { $0 == kind }) else {
            throw ReaderFailure("\(Feed.name) publishes \(kind.type), which it does not list among its events")
        }
        let newest = try tables.row("SELECT coalesce(max(number), 0) FROM published")?[0].integer ?? 0
        let number = UInt64(newest) + 1
        let body = try CloudEvent(payload, number: number, index: index, of: event, feed: Feed.self).json.compact
        try tables.run(
            "INSERT INTO published VALUES(?,?,?,?,?)", .integer(Int64(number)), .text(kind.type),
            .text(payload.subject), SQLValue(event.subject), .text(body))
    }
}

extension PublicFeed {
    /// The tables of this feed, as a projection that is never rebuilt.
    package static var asTables: any Projection.Type { open(self) }

    private static func open<Feed: PublicFeed & SendableMetatype>(_ feed: Feed.Type) -> any Projection.Type {
        FeedTables<Feed>.self
    }
}
