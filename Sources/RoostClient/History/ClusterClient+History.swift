package import RoostCore
import RoostJSON
import RoostLog
import RoostNode

extension ClusterClient {
    /// What happened to a stream from a version on: every event with its cause and the fields it changed. With `field`
    /// only those that changed it or a part of it, and only that.
    package func history(
        of stream: StreamName, from: StreamVersion = StreamVersion(1), limit: Int, field: String? = nil
    ) throws -> HistoryDocument {
        var fold = try newFold(of: stream)
        var causes = Causes(client: self)
        var state = try fold.state()
        let processes = try owners(of: stream)
        var entries: [HistoryDocument.Entry] = []
        let newest = try forEachEvent(of: stream) { event in
            try fold.apply(event)
            guard event.version.next >= from else { return true }
            let after = try fold.state()
            defer { state = after }
            guard event.version >= from else { return true }
            var changes = FieldChange.between(state, after)
            if let field {
                changes = changes.filter { $0.concerns(field) }
                if changes.isEmpty { return true }
            }
            entries.append(
                HistoryDocument.Entry(
                    event, process: processes[event.epoch], cause: try causes.cause(of: event), changes: changes))
            return entries.count < limit
        }
        guard newest > .none else {
            throw ClientError(
                .notFound, code: "unknownStream", "stream '\(stream)' has no events", hint: "roost events tail")
        }
        return HistoryDocument(stream: stream.description, newestVersion: newest, entries: entries)
    }

    private func owners(of stream: StreamName) throws -> [Epoch: String] {
        let claims = try log.reader(of: stream).claims()
        return Dictionary(claims.map { ($0.epoch, $0.process) }, uniquingKeysWith: { $1 })
    }
}

/// Finds causes by their chain, which the log has an index for; it has none for events.
private struct Causes {
    let client: ClusterClient
    private var chain: (id: CorrelationID, events: [EventID: RecordedEvent])?

    init(client: ClusterClient) { self.client = client }

    mutating func cause(of event: RecordedEvent) throws -> HistoryDocument.Cause? {
        guard let id = event.causationID else { return nil }
        if chain?.id != event.correlationID {
            let found = try client.gather { try $0.events(correlation: event.correlationID) }
            let events = found.values.flatMap { $0.value.map { ($0.eventID, $0) } }
            chain = (event.correlationID, Dictionary(events, uniquingKeysWith: { first, _ in first }))
        }
        return HistoryDocument.Cause(id, chain?.events[id])
    }
}

extension FieldChange {
    /// Whether `name` is this field, one that holds it, or a part of it.
    fileprivate func concerns(_ name: String) -> Bool {
        field == name || Self.isPart(field, of: name) || Self.isPart(name, of: field)
    }

    private static func isPart(_ field: String, of whole: String) -> Bool {
        field.hasPrefix(whole) && [".", "["].contains(field.dropFirst(whole.count).first)
    }
}
