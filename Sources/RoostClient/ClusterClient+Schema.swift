import RoostCore
import RoostLog
import RoostNode

extension ClusterClient {
    /// Compares every kind of event that the log really holds with what the domain can read. Of each kind one event of every
    /// segment is taken through its upcasters and decoded; with `every` all events are.
    package func checkSchema(every: Bool, progress: (UInt64) -> Void) throws -> SchemaDocument {
        let check = SchemaCheck(domain, codec)
        var findings: [EventKind: Finding] = [:]
        for partition in partitions {
            let reader = try log.reader(partition)
            let kinds = try reader.kinds()
            for stored in kinds { findings[stored.kind, default: Finding()].count += stored.count }
            let take = { (event: RecordedEvent) in findings[event.kind, default: Finding()].take(event, check) }
            if every {
                try reader.forEachEvent(through: reader.head().position, progress: { progress($0.rawValue) }, take)
            } else {
                for stored in kinds {
                    let before = Position(stored.first.rawValue - 1)
                    if let event = try reader.events(after: before, limit: 1).first { take(event) }
                }
            }
        }
        return SchemaDocument(findings.sorted { $0.key < $1.key }.map(row), deadRoutes: deadRoutes)
    }

    private struct Finding {
        var count: UInt64 = 0
        var tried: UInt64 = 0
        var problem: (text: String, event: EventID)?

        mutating func take(_ event: RecordedEvent, _ check: SchemaCheck) {
            tried += 1
            guard problem == nil, let text = check.problem(with: event) else { return }
            problem = (text, event.eventID)
        }
    }

    private func row(_ kind: EventKind, _ finding: Finding) -> SchemaDocument.Kind {
        SchemaDocument.Kind(
            kind, count: finding.count, readAs: upcasters.results(of: kind), tried: finding.tried,
            problem: finding.problem?.text, event: finding.problem?.event)
    }

    private var deadRoutes: [SchemaDocument.DeadRoute] {
        let projections = domain.projections.map { ($0.name, $0.routes.map(\.type)) }
        let reactors = domain.reactors.map { ($0.name, $0.routes.map(\.type)) }
        let feeds = domain.feeds.map { ($0.name, $0.routes.map(\.type)) }
        return (projections + reactors + feeds).flatMap { reader, types in
            types.filter { upcasters.declaredVersion(of: $0) == nil }
                .map { SchemaDocument.DeadRoute(reader: reader, type: $0) }
        }
    }
}
