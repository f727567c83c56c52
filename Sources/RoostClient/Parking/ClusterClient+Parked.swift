package import RoostCore
import RoostLog
import RoostNode

extension ClusterClient {
    /// What projections and reactors have set aside.
    package func parked() throws -> ParkedDocument {
        let commands = try domain.reactors.flatMap { reactor in
            try databases.reactor(reactor.name).refusals().map { refusal in
                ParkedDocument.Command(
                    reactor: reactor.name, parkedAt: refusal.at, command: refusal.command,
                    commandID: refusal.commandID, stream: refusal.stream, code: refusal.code, reason: refusal.reason,
                    eventID: refusal.event)
            }
        }
        let names = domain.allProjections.map { $0.name }
        return ParkedDocument(
            streams: try names.flatMap { try parkedStreams(in: $0) },
            discarded: try names.flatMap { try discarded(in: $0) },
            commands: commands.sorted { ($0.parkedAt, $0.commandID) < ($1.parkedAt, $1.commandID) })
    }

    /// The streams that one projection has parked.
    package func parkedStreams(in projection: String) throws -> [ParkedDocument.Stream] {
        // Beside min(), SQLite takes the other columns from the row that has it.
        let sql = """
            SELECT partition, min(position), stream, type, kind, reason, at, attempts, count(*) FROM roost_parked
            GROUP BY stream ORDER BY stream
            """
        return try rows(sql, in: projection).map { row in
            let event = try ParkedEvent(row: row)
            return ParkedDocument.Stream(
                projection: projection, stream: event.stream.description, events: UInt64(row[8].integer ?? 0),
                partition: event.partition, position: event.position, type: event.type, kind: event.kind.rawValue,
                reason: event.reason, parkedAt: event.at, attempts: event.attempts)
        }
    }

    private func discarded(in projection: String) throws -> [ParkedDocument.Discarded] {
        let sql = "SELECT stream, reason, count(*) FROM roost_discarded GROUP BY stream, reason ORDER BY stream, reason"
        return try rows(sql, in: projection).map { row in
            ParkedDocument.Discarded(
                projection: projection, stream: row[0].text ?? "", reason: row[1].text ?? "",
                events: UInt64(row[2].integer ?? 0))
        }
    }

    /// The first parked events of a stream, in each projection in which it is parked, or in one.
    package func parkedEvents(
        of stream: StreamName, in projection: String? = nil, limit: Int
    ) throws -> ParkedStreamDocument {
        let found = try parkedIn(projection) { $0.stream == stream.description }
        guard !found.isEmpty else { throw notParked(stream.description, projection) }
        let sql = """
            SELECT \(ParkedEvent.columns) FROM roost_parked WHERE stream = :stream ORDER BY position LIMIT \(limit)
            """
        return ParkedStreamDocument(
            stream: stream.description,
            projections: try found.map { parked in
                let rows = try rows(sql, ["stream": .text(stream.description)], in: parked.projection)
                return ParkedStreamDocument.Projection(
                    projection: parked.projection, count: parked.events,
                    events: try rows.compactMap { try shown(try ParkedEvent(row: $0)) })
            })
    }

    /// The parked streams that a person means, of one projection or of all.
    package func parkedIn(
        _ projection: String?, where isMeant: (ParkedDocument.Stream) -> Bool = { _ in true }
    ) throws -> [ParkedDocument.Stream] {
        let names = try projection.map { [try self.projection($0).name] } ?? domain.allProjections.map { $0.name }
        return try names.flatMap { try parkedStreams(in: $0) }.filter(isMeant)
    }

    package func notParked(_ stream: String, _ projection: String?) -> ClientError {
        ClientError(
            .notFound, code: "notParked", "\(stream) is not parked in \(projection ?? "any projection")",
            hint: "roost parked ls")
    }

    /// What the log says about a parked event.
    private func shown(_ parked: ParkedEvent) throws -> ParkedStreamDocument.Event? {
        try log.reader(parked.partition).event(at: parked.position).map { event in
            ParkedStreamDocument.Event(
                partition: parked.partition, position: parked.position, version: event.version, type: parked.type,
                kind: parked.kind.rawValue, reason: parked.reason, parkedAt: parked.at, attempts: parked.attempts,
                eventID: event.eventID, correlationID: event.correlationID)
        }
    }

    /// None before the projection has made the table.
    private func rows(
        _ sql: String, _ parameters: [String: SQLValue] = [:], in projection: String
    ) throws -> [[SQLValue]] {
        try databases.read(projection: projection) { database in
            try database.has("roost_discarded") ? try database.rows(sql, parameters).rows : []
        } ?? []
    }
}
