import Foundation
package import RoostCore
package import RoostLog

/// What the trace index says about a chain, and how far the index goes: what is newer is looked for in the log itself.
package struct ChainPlaces: Sendable {
    package let positions: [PartitionID: [Position]]
    package let progress: [PartitionID: Progress]
}

/// The trace index, read beside the process that writes it.
package struct TraceIndexReader: Sendable {
    private let files: ProjectionFiles

    /// `projections` holds one directory for each projection.
    package init(projections: String) { files = ProjectionFiles(directory: "\(projections)/\(TraceIndex.name)") }

    /// nil where there is no index, or none that can be read: the log itself answers then, more slowly.
    package func places(of correlation: CorrelationID) -> ChainPlaces? {
        places(of: [correlation]).map {
            ChainPlaces(positions: $0.positions[correlation] ?? [:], progress: $0.progress)
        }
    }

    /// The same of many chains, all at one moment of the index.
    func places(
        of chains: [CorrelationID]
    ) -> (positions: [CorrelationID: [PartitionID: [Position]]], progress: [PartitionID: Progress])? {
        index { database in
            var positions: [CorrelationID: [PartitionID: [Position]]] = [:]
            for chain in chains {
                let found = try database.rows(
                    "SELECT partition, position FROM events WHERE correlation = :id ORDER BY 1, 2",
                    ["id": SQLValue(id: chain)])
                let places = found.rows.map { row in
                    (PartitionID(UInt32(row[0].integer ?? 0)), Position(UInt64(row[1].integer ?? 0)))
                }
                positions[chain] = Dictionary(grouping: places, by: \.0).mapValues { $0.map(\.1) }
            }
            return (positions, try database.progress())
        }
    }

    /// How far the index goes; nothing without one.
    package func progress() -> [PartitionID: Progress] { index { try $0.progress() } ?? [:] }

    /// The chains of an event, as far as the index goes.
    package func chains(ofEvent id: EventID) -> [CorrelationID] {
        index { database in
            try database.rows("SELECT DISTINCT correlation FROM events WHERE event = :id", ["id": SQLValue(id: id)])
                .rows.compactMap { $0[0].identifier() }
        } ?? []
    }

    /// The chains with a command of this ID, or that somebody with this trace ID asked for, as far as the index goes.
    package func chains(named name: String) -> [CorrelationID] {
        index { database in
            try database.rows("SELECT correlation FROM names WHERE name = :name ORDER BY 1", ["name": .text(name)])
                .rows.compactMap { $0[0].identifier() }
        } ?? []
    }

    /// Events of other chains that have one of these as their cause, as far as the index goes.
    package func strays(causedBy events: [EventID], besides correlation: CorrelationID) -> [(PartitionID, Position)] {
        index { database in
            try events.flatMap { event in
                try database.rows(
                    "SELECT partition, position FROM events WHERE cause = :id AND correlation <> :correlation",
                    ["id": SQLValue(id: event), "correlation": SQLValue(id: correlation)]
                ).rows.map { row in
                    (PartitionID(UInt32(row[0].integer ?? 0)), Position(UInt64(row[1].integer ?? 0)))
                }
            }
        } ?? []
    }

    private func index<Result>(_ body: (borrowing ReadOnlyDatabase) throws -> Result) -> Result? {
        do {
            let path = try files.currentPath()
            guard FileManager.default.fileExists(atPath: path) else { return nil }
            return try ReadOnlyDatabase(path: path).snapshot(body)
        } catch {
            return nil
        }
    }
}

extension PartitionReader {
    /// How many events the index may be behind before the log's own index is asked instead.
    private static var tailMax: UInt64 { 20_000 }

    /// The events of a chain that this partition holds: those that the index names, and those that came after it.
    package func events(of correlation: CorrelationID, by places: ChainPlaces?) throws -> [RecordedEvent] {
        guard let places, let tail = try tail(after: places.progress[partition] ?? Progress()) else {
            return Array(try events(correlation: correlation))
        }
        let indexed = try (places.positions[partition] ?? []).compactMap { try event(at: $0) }
        return (indexed + tail).filter { $0.correlationID == correlation }
    }

    /// The event at a position; nil beyond the head.
    package func event(at position: Position) throws -> RecordedEvent? {
        guard position > .start else { return nil }
        return try events(after: Position(position.rawValue - 1), limit: 1).first
    }

    /// What came after a checkpoint; nil when that is much, or when the checkpoint is of another log.
    package func tail(after progress: Progress) throws -> [RecordedEvent]? {
        let head = try head()
        guard head.position >= progress.position,
            head.position.rawValue - progress.position.rawValue <= Self.tailMax
        else { return nil }
        if progress.position > .start {
            let isHead = head.position == progress.position
            let digest = isHead ? head.digest : try commit(holding: progress.position)?.digest
            guard digest == progress.digest else { return nil }
        }
        var events: [RecordedEvent] = []
        var position = progress.position
        while position < head.position {
            let page = try self.events(after: position, limit: 10_000)
            guard let last = page.last else { break }
            events += page
            position = last.position
        }
        return events
    }

    /// The chain that a command stored events in: looked for where the index has not come to, or everywhere without one.
    package func chain(ofCommand id: CommandID, after indexed: Progress?) throws -> CorrelationID? {
        if let tail = try tail(after: indexed ?? Progress()) {
            return tail.first { $0.commandID == id }?.correlationID
        }
        var found: CorrelationID?
        try forEachEvent(through: head().position) { event in
            if found == nil, event.commandID == id { found = event.correlationID }
        }
        return found
    }
}
