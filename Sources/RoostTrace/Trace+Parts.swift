package import RoostCore

extension Trace {
    /// Which part of a chain is shown.
    package enum Part: Sendable {
        /// An event and everything that led to it.
        case causes(of: EventID)
        /// An event and everything that it led to.
        case effects(of: EventID)
    }

    /// The same trace with a part of its events. What is missing or unread anywhere in the chain is still said.
    package func showing(_ part: Part) -> Trace {
        switch part {
        case .causes(let event): return keeping(causes(of: event))
        case .effects(let event): return keeping(effects(of: event))
        }
    }

    private func causes(of event: EventID) -> Set<EventID> {
        let causes = Dictionary(events.map { ($0.eventID, $0.causationID) }, uniquingKeysWith: { first, _ in first })
        var found: Set<EventID> = []
        var next: EventID? = event
        while let current = next, found.insert(current).inserted { next = causes[current] ?? nil }
        return found
    }

    private func effects(of event: EventID) -> Set<EventID> {
        let effects = Dictionary(grouping: events.filter { $0.causationID != nil }) { $0.causationID }
        var found: Set<EventID> = []
        var next = [event]
        while let current = next.popLast() {
            guard found.insert(current).inserted else { continue }
            next += effects[current]?.map(\.eventID) ?? []
        }
        return found
    }

    private func keeping(_ ids: Set<EventID>) -> Trace {
        Trace(self, events: events.filter { ids.contains($0.eventID) })
    }
}
