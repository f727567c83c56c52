package import RoostCore
import RoostJSON
import RoostLog
import RoostNode

extension ClusterClient {
    /// What happened to a stream from a version on: every event with its cause and the fields it changed. With `field`,
    /// a path such as `status` or `lines[0].quantity`, only events that changed what is there, and only that.
    package func history(
        of stream: StreamName, from: StreamVersion = StreamVersion(1), limit: Int, field: String? = nil
    ) throws -> HistoryDocument {
        var fold = try newFold(of: stream)
        var causes = Causes(client: self)
        var state = try fold.document()
        var isKnown = field == nil
        var next: StreamVersion?
        let processes = try log.reader(of: stream).processes()
        var entries: [HistoryDocument.Entry] = []
        let newest = try forEachEvent(of: stream) { event in
            try fold.apply(event)
            guard event.version.next >= from else { return true }
            let after = try fold.document()
            defer { state = after }
            guard event.version >= from else { return true }
            guard entries.count < limit else {
                next = event.version
                return false
            }
            if let field {
                isKnown = isKnown || state.value(at: field) != nil || after.value(at: field) != nil
                if state.value(at: field) == after.value(at: field) { return true }
            }
            entries.append(
                HistoryDocument.Entry(
                    event, process: processes[event.epoch], cause: try causes.cause(of: event),
                    changes: FieldChange.between(state, after, at: field)))
            return true
        }
        guard newest >= from else { throw nothing(in: stream, by: .version(from), newest) }
        guard isKnown else { throw unknownField(field ?? "", of: state) }
        return HistoryDocument(
            stream: stream.description, newestVersion: newest, entries: entries, nextVersion: next)
    }

    private func unknownField(_ field: String, of state: JSONValue) -> ClientError {
        let fields = state.object?.members.map(\.key) ?? []
        return ClientError(
            .notFound, code: "unknownField",
            "the state never had a field '\(field)'" + Suggestion.text(for: field, among: fields),
            hint: "fields are: " + fields.joined(separator: ", "))
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
