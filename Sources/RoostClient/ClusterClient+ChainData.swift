package import RoostCore
package import RoostJSON
import RoostLog
package import RoostTrace

extension ClusterClient {
    /// The data of all events of chains as the log has it, so what is personal stays sealed.
    package func data(of traces: [Trace]) throws -> [EventID: JSONValue] {
        var data: [EventID: JSONValue] = [:]
        for trace in traces {
            for partition in Set(trace.events.map(\.partition)).sorted() {
                for event in try log.reader(partition).events(correlation: trace.correlationID) {
                    data[event.eventID] = try EventDocument.data(of: event)
                }
            }
        }
        return data
    }
}
