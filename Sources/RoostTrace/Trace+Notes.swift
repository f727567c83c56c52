package import RoostCore
package import RoostJSON

/// What is known about a chain besides its events.
package struct TraceNotes: Sendable {
    /// Who did what about each event; nil where nobody collects it.
    package var handled: [EventID: [Handling]]?
    package var gaps: ObservationGaps?
    package var rejected: [RejectedCommand] = []
    package var findings: [CausalFinding] = []
    package var timers: [ChainTimer] = []
    package var cluster: String?
    /// The data of events, where somebody asked for it.
    package var data: [EventID: JSONValue] = [:]

    /// What of this could not be told, and why.
    package var obstacles: [String] = []

    package init() {}

    /// Notes something, or that it cannot be told.
    package mutating func attempt(_ what: String, _ body: (inout TraceNotes) throws -> Void) {
        do { try body(&self) } catch { obstacles.append("\(what) cannot be told: \(error)") }
    }
}

extension Trace {
    /// The same chain with what is known besides.
    package func adding(_ notes: TraceNotes) -> Trace {
        var trace = Trace(
            self,
            events: events.map { event in
                var event = event
                event.handled = notes.handled.map { handled in
                    (handled[event.eventID] ?? []).filter { $0.work == .store || event.appliedBy.contains($0.process) }
                }
                event.data = notes.data[event.eventID]
                return event
            })
        trace.rejected = notes.rejected
        trace.findings = notes.findings
        trace.gaps = notes.gaps
        trace.timers = notes.timers
        trace.cluster = notes.cluster
        trace.obstacles = notes.obstacles
        return trace
    }

    /// Whether readers that have passed an event of the last moments may still report what they did about it.
    package func awaitsObservation(at now: Timestamp) -> Bool {
        events.contains { event in
            event.handled != nil && now - event.recordedAt < .seconds(2)
                && event.appliedBy.contains { event.lag(of: $0) == nil }
        }
    }
}
