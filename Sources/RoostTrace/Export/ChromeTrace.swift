import RoostCore

/// Chains in the Trace Event Format as Perfetto reads it: a process for each process, and an asynchronous slice for each
/// event, from its cause on. Such slices may overlap, which those of a thread must not.
///
/// An arrow leaves the end of a cause and arrives where the slice of its effect begins. It is made with `bind_id`: the older
/// `s` and `f` entries bind to slices of threads only.
package struct ChromeTrace: Encodable, Sendable {
    package let traceEvents: [Entry]
    package let displayTimeUnit = "ms"

    package struct Entry: Encodable, Sendable {
        let ph: String
        let name: String
        let pid: Int
        let tid: Int
        /// Microseconds.
        var ts: Double?
        var cat: String?
        /// The same in all entries of one slice.
        var id: String?
        /// The event whose arrow leaves (`flow_out`) or arrives (`flow_in`) here.
        var bind_id: String?
        var flow_out: Bool?
        var flow_in: Bool?
        var args: [String: String]?
    }

    package init(_ traces: [Trace]) {
        let map = ChromeMap(traces.flatMap(\.events))
        traceEvents = map.names + map.events.flatMap(map.slice)
    }
}

/// Where the events of all chains are drawn.
private struct ChromeMap {
    private typealias Entry = ChromeTrace.Entry

    let events: [TraceEvent]
    private let byID: [EventID: TraceEvent]
    private let causes: Set<EventID>
    private let processes: [String]
    private let streams: [String]
    private let start: Timestamp

    init(_ events: [TraceEvent]) {
        self.events = events
        byID = Dictionary(events.map { ($0.eventID, $0) }, uniquingKeysWith: { first, _ in first })
        causes = Set(events.compactMap(\.causationID))
        processes = Set(events.map(Self.process)).sorted()
        streams = Set(events.map(\.stream)).sorted()
        start = events.map(\.recordedAt).min() ?? Timestamp(nanoseconds: 0)
    }

    private static func process(_ event: TraceEvent) -> String { event.process ?? "unknown" }

    /// Of all processes, and of the streams in them.
    var names: [ChromeTrace.Entry] {
        let tracks = Set(events.map { [Self.process($0), $0.stream] }).sorted { $0.lexicographicallyPrecedes($1) }
        return processes.map { Entry(ph: "M", name: "process_name", pid: pid($0), tid: 0, args: ["name": $0]) }
            + tracks.map {
                Entry(ph: "M", name: "thread_name", pid: pid($0[0]), tid: tid($0[1]), args: ["name": $0[1]])
            }
    }

    /// Begin, the arrows that leave, and end: what happens at the same time is read in this order.
    func slice(_ event: TraceEvent) -> [ChromeTrace.Entry] {
        let cause = event.causationID.flatMap { byID[$0] }
        let end = microseconds(event)
        let begin = min(cause.map(microseconds) ?? end, end)
        var first = entry("b", event, at: begin)
        first.args = [
            "event": event.eventID.description, "stream": event.stream, "version": event.version.description,
            "correlation": event.correlationID.description,
        ]
        // Clocks of two processes may disagree; an arrow cannot arrive before it leaves.
        if let cause, cause.recordedAt <= event.recordedAt {
            first.bind_id = cause.eventID.description
            first.flow_in = true
        }
        let last = entry("e", event, at: max(end, begin + 1))
        guard causes.contains(event.eventID) else { return [first, last] }
        var leaving = entry("n", event, at: end)
        leaving.bind_id = event.eventID.description
        leaving.flow_out = true
        return [first, leaving, last]
    }

    private func entry(_ phase: String, _ event: TraceEvent, at time: Double) -> ChromeTrace.Entry {
        Entry(
            ph: phase, name: event.type, pid: pid(Self.process(event)), tid: tid(event.stream), ts: time, cat: "event",
            id: event.eventID.description)
    }

    private func pid(_ process: String) -> Int { (processes.firstIndex(of: process) ?? 0) + 1 }
    private func tid(_ stream: String) -> Int { (streams.firstIndex(of: stream) ?? 0) + 1 }

    private func microseconds(_ event: TraceEvent) -> Double {
        let (seconds, attoseconds) = (event.recordedAt - start).components
        return Double(seconds) * 1e6 + Double(attoseconds) / 1e12
    }
}
