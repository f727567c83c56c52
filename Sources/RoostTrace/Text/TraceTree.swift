import RoostCore

/// One line of a trace's tree.
package struct TraceLine: Sendable {
    package let event: TraceEvent
    /// For each level, from the outermost: whether more siblings follow there.
    package let siblingsFollow: [Bool]
    /// It names a cause that no event of the chain has.
    package let causeIsMissing: Bool
}

extension Trace {
    /// Every event exactly once: causes before effects, siblings in order. An event whose cause is missing, or that
    /// only a cycle leads to, starts a tree of its own.
    package var lines: [TraceLine] {
        let known = Set(events.map(\.eventID))
        var effects: [EventID: [TraceEvent]] = [:]
        for event in events { if let cause = event.causationID { effects[cause, default: []].append(event) } }
        var walk = TreeWalk(effects: effects, missing: Set(missingCauses))
        for event in events where !known.contains(event.causationID ?? event.eventID) || event.causationID == nil {
            walk.visit(event, siblingsFollow: [])
        }
        for event in events { walk.visit(event, siblingsFollow: []) }
        return walk.lines
    }
}

private struct TreeWalk {
    let effects: [EventID: [TraceEvent]]
    let missing: Set<EventID>
    var visited: Set<EventID> = []
    var lines: [TraceLine] = []

    /// Depth first with a stack of its own, so that a long chain cannot exhaust the thread's.
    mutating func visit(_ root: TraceEvent, siblingsFollow: [Bool]) {
        var stack = [(root, siblingsFollow)]
        while let (event, follow) = stack.popLast() {
            guard visited.insert(event.eventID).inserted else { continue }
            let lacksCause = event.causationID.map { missing.contains($0) } ?? false
            lines.append(TraceLine(event: event, siblingsFollow: follow, causeIsMissing: lacksCause))
            let children = effects[event.eventID] ?? []
            for (index, child) in children.enumerated().reversed() {
                stack.append((child, follow + [index < children.count - 1]))
            }
        }
    }
}
