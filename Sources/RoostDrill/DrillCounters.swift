import RoostCore

/// What a drill can ask of a process: the counters that `roost ps --json` shows, what faults have done, and what a drill counts itself.
package enum DrillCounters {
    package static let names = [
        // Of every process with sockets.
        "received", "sent", "records", "dropped",
        // Of who publishes.
        "published", "publishedMessages", "publishDropped",
        // Of who follows the log.
        "messages", "heartbeats", "eventsFromBus", "eventsFromLog", "gaps", "droppedFull", "refusedStale",
        "refusedForeign", "timers", "pending", "parked", "parkedStreams", "discarded",
        // Of what takes longer, and of chains.
        "done", "total", "experiments", "contracts.pending", "contracts.findings", "contracts.behind", "otlp.sent",
        "otlp.retries", "otlp.refused",
        // What faults have done.
        "refusedWrites", "heldWrites", "lostBytes", "failedSyncs", "delayedCalls", "readings", "passed", "delayed",
        "duplicated", "reordered", "corrupted", "cut", "connections",
        // What a drill counts.
        "restarts", "claims", "lost",
    ]

    /// What a process refuses is counted by its reason: `refused.fenced`; of calls that have failed in words of the library:
    /// `refused.send: zmq_msg_send`.
    private static let refusedPrefix = "refused."
    private static let reasons = Set(
        [
            "fenced", "unauthenticated", "malformedCommand", "transport", "lateAnswer", "expired", "overCredit",
            "stopping",
        ]
            + BusRefusal.allCases.map(\.rawValue))

    package static func isKnown(_ counter: String) -> Bool {
        guard counter.hasPrefix(refusedPrefix) else { return names.contains(counter) }
        let reason = counter.dropFirst(refusedPrefix.count)
        return reasons.contains(String(reason)) || reason.contains(": ")
    }
}
