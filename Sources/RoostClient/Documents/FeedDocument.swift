package import RoostJSON
package import RoostTrace

/// What a feed has published. Document `roost.feed/1`.
package struct FeedDocument: Encodable, Sendable {
    package let schema = "roost.feed/1"
    package let feed: String
    /// The newest number of the feed; 0 before the first event.
    package let newest: UInt64
    /// The number to ask after next; null when these are the newest.
    @Explicit package private(set) var next: UInt64?
    /// CloudEvents, by number.
    package let events: [JSONValue]

    init(feed: String, newest: UInt64, next: UInt64?, events: [JSONValue]) {
        self.feed = feed
        self.newest = newest
        _next = Explicit(wrappedValue: next)
        self.events = events
    }
}
