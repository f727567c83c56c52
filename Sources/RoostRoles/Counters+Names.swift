import RoostCluster
import RoostNode

extension TransportCounters {
    /// For `ps`: names as they appear there.
    var byName: [String: Int64] {
        var counters = [
            "received": Int64(received), "sent": Int64(sent), "records": Int64(records), "dropped": Int64(dropped),
        ]
        for (reason, count) in refused { counters["refused.\(reason)"] = Int64(count) }
        return counters
    }
}

extension Feed.Counters {
    /// For `ps`: how events reached the reader.
    var byName: [String: Int64] {
        [
            "messages": Int64(messages), "heartbeats": Int64(heartbeats), "eventsFromBus": Int64(eventsFromBus),
            "eventsFromLog": Int64(eventsFromLog), "gaps": Int64(gaps), "droppedFull": Int64(droppedFull),
            "refusedStale": Int64(refusedStale), "refusedForeign": Int64(refusedForeign),
        ]
    }
}
