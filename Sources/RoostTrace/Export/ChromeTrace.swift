import RoostCore

/// A chain in the Trace Event Format, which Perfetto and the tracing pages of browsers read: a process for each process, a
/// track for each stream, a slice for each event from its cause on, and an arrow from cause to effect.
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
        var dur: Double?
        var cat: String?
        var id: String?
        /// A flow ends at the slice that encloses it.
        var bp: String?
        var args: [String: String]?
    }

    package init(_ trace: Trace) {
        let processes = Array(Set(trace.events.map { $0.process ?? "unknown" })).sorted()
        let streams = Array(Set(trace.events.map(\.stream))).sorted()
        let start = trace.events.first?.recordedAt ?? Timestamp(nanoseconds: 0)
        func place(_ event: TraceEvent) -> (pid: Int, tid: Int) {
            let process = processes.firstIndex(of: event.process ?? "unknown") ?? 0
            return (process + 1, (streams.firstIndex(of: event.stream) ?? 0) + 1)
        }
        func microseconds(_ event: TraceEvent) -> Double {
            let (seconds, attoseconds) = (event.recordedAt - start).components
            return Double(seconds) * 1e6 + Double(attoseconds) / 1e12
        }
        let byID = Dictionary(trace.events.map { ($0.eventID, $0) }, uniquingKeysWith: { first, _ in first })
        var entries: [Entry] = processes.enumerated().map { number, name in
            Entry(ph: "M", name: "process_name", pid: number + 1, tid: 0, args: ["name": name])
        }
        var named: Set<[Int]> = []
        for event in trace.events {
            let (pid, tid) = place(event)
            if named.insert([pid, tid]).inserted {
                entries.append(Entry(ph: "M", name: "thread_name", pid: pid, tid: tid, args: ["name": event.stream]))
            }
            let end = microseconds(event)
            let cause = event.causationID.flatMap { byID[$0] }
            let begin = min(cause.map(microseconds) ?? end, end)
            entries.append(
                Entry(
                    ph: "X", name: event.type, pid: pid, tid: tid, ts: begin, dur: max(end - begin, 1), cat: "event",
                    args: ["event": event.eventID.description, "version": event.version.description]))
            guard let cause else { continue }
            let (causePID, causeTID) = place(cause)
            let id = event.eventID.description
            entries.append(
                Entry(
                    ph: "s", name: "causes", pid: causePID, tid: causeTID, ts: microseconds(cause), cat: "cause", id: id
                ))
            entries.append(Entry(ph: "f", name: "causes", pid: pid, tid: tid, ts: end, cat: "cause", id: id, bp: "e"))
        }
        traceEvents = entries
    }
}
