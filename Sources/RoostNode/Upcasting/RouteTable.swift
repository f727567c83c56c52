package import RoostCore

/// What a reader does about one type of event.
package protocol EventRoute: Sendable {
    var type: String { get }
}

extension ProjectionRoute: EventRoute {}
extension ReactorRoute: EventRoute {}
extension FeedRoute: EventRoute {}

/// Which route each event of a log takes, in the version that the application declares.
package struct RouteTable<Route: EventRoute>: Sendable {
    private struct Entry {
        /// nil for a stored type that only its upcaster makes into a routed one.
        let route: Route?
        /// Events of any other version are upcast first; nil when the application is not known.
        let version: UInt32?
    }
    private let entries: [String: Entry]

    /// Throws when two routes are for the same type, as only one would run.
    package init(of reader: String, _ routes: [Route], upcasters: UpcasterChain) throws {
        let byType = try Dictionary(routes.map { ($0.type, $0) }) { first, _ in
            throw ReaderFailure("\(reader) has two routes for \(first.type); join them")
        }
        let types = upcasters.storedTypes(becoming: Set(byType.keys))
        entries = Dictionary(
            uniqueKeysWithValues: types.map { type in
                (type, Entry(route: byType[type], version: upcasters.declaredVersion(of: type)))
            })
    }

    /// The stored types that are not filtered.
    package var types: Set<String> { Set(entries.keys) }

    /// Whether an event is not filtered.
    package func handles(_ event: RecordedEvent) -> Bool { entries[event.type] != nil }

    @inline(__always)
    private func opened(_ event: RecordedEvent, _ decoder: EventDecoder) throws(SealedEventError) -> RecordedEvent {
        do { return try decoder.opened(event) } catch { throw SealedEventError(cause: error) }
    }

    /// Calls `body` for each part of an event that has a route. False when the event is filtered.
    @inline(__always)
    package func take(
        _ event: RecordedEvent, _ decoder: EventDecoder, _ body: (RecordedEvent, Route) throws -> Void
    ) throws -> Bool {
        guard let entry = entries[event.type] else { return false }
        let event = try opened(event, decoder)
        if let version = entry.version, version != event.schemaVersion {
            for part in try decoder.parts(of: event) {
                if let route = entries[part.type]?.route { try body(part, route) }
            }
        } else if let route = entry.route {
            try body(event, route)
        }
        return true
    }
}
