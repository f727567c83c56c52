package import RoostCore
import RoostLog
import RoostNode

extension ClusterClient {
    /// The pending timers of all reactors, at most `limit` of them; or those of one stream.
    package func timers(of stream: StreamName? = nil, limit: Int) throws -> TimersDocument {
        if let stream, log.identity.placement.partition(of: stream) == nil { throw unknownCategory(stream) }
        let found = try domain.reactors.map { reactor in
            let timers = try databases.reactor(reactor.name).timers(of: stream, limit: limit)
            return (rows: timers.first.map { TimersDocument.Timer($0, of: reactor.name) }, count: timers.count)
        }
        let rows = found.flatMap(\.rows).sorted { ($0.due, $0.stream, $0.timer) < ($1.due, $1.stream, $1.timer) }
        return TimersDocument(
            now: now(), count: found.reduce(0) { $0 + $1.count }, timers: Array(rows.prefix(limit)))
    }
}
